// What the ledger can be told. Each command carries an id; the store makes sure that one id is
// applied once (I3). Instants and cycle bounds are passed in: the ledger knows no clock and no
// calendar.
#pragma once

#include <boost/container/static_vector.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>

#include "purser/base/money.h"
#include "purser/ledger/account.h"

namespace purser::ledger {

// At most one of each kind: workspace, team, user, membership, project, key, label, task.
using ScopeList = boost::container::static_vector<Scope, kScopeKindCount>;

inline constexpr std::size_t kMaxForms = 8;
inline constexpr std::int64_t kDefaultShareDivisor = 8;

// Sets money aside for a request in flight.
//
// `forms` are the bounds of the request's forms, falling: as sent, then with fewer calls of hosted
// tools, down to none; below the last, any amount down to `smallest` can be made to fit by lowering
// the output limit. What is granted is the first form that fits, else all that is allowed. With
// `smallest` equal to the first form it is all or nothing.
struct Reserve {
  Id request;
  ScopeList scopes;  // scopes, never caps: the store loads all their caps
  boost::container::static_vector<Nanos, kMaxForms> forms;
  Nanos smallest;               // bound of the smallest acceptable form
  bool free = false;            // the model costs nothing: only `stopped` refuses
  bool allow_uncapped = false;  // the workspace's setting
  std::int64_t share_divisor =
      kDefaultShareDivisor;  // no hold above max(smallest, remaining ÷ this)
};

// Replaces a hold with the actual cost. Zero releases it.
struct Settle {
  Id request;
  Nanos cost;
};

// The end of a hold is unknown: it is settled in full.
struct Expire {
  Id request;
};

// Corrects what a usage cost (a late answer to an `unconfirmed` hold), or books an audited
// correction.
struct Adjust {
  Id adjustment;
  Nanos delta;  // may be negative
};

// Makes a cap or changes its limit for good; ends a temporary limit.
struct SetCap {
  Id cap;
  Nanos limit;
};

struct EndCap {
  Id cap;
};

// Lifts a limit until an instant (the cycle's end, or a date); without one, for good. Of a raise in
// force also the same limit for longer.
struct Raise {
  Id cap;
  Nanos limit;
  std::optional<Instant> until;
};

struct EndRaise {
  Id cap;
};

// Moves limit between two caps of one period and cycle, until an instant or for good.
struct Reallocate {
  Id from;
  Id to;
  Nanos amount;
  std::optional<Instant> until;
};

struct Stop {
  Scope scope;
};

struct Resume {
  Scope scope;
};

// A model billed above its bound and has had its bounds doubled since; an admin has looked at it.
struct ClearOverspend {};

using Command = std::variant<Reserve, Settle, Expire, Adjust, SetCap, EndCap, Raise, EndRaise,
                             Reallocate, Stop, Resume, ClearOverspend>;
std::string_view name(const Command& command);

}  // namespace purser::ledger
