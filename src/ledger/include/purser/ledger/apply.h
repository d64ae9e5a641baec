// The ledger: one pure function. No clock, no I/O, no SQL; the same code decides for every store
// and for replay. Deterministic and thread-safe (it touches nothing but its arguments).
//
// The store loads what the command names into an AccountSet (copies), calls `apply`, writes the set
// back in one durable transaction with the outcome, and only then publishes it. On a refusal the
// set's balances are unchanged; `crossed` may still have changed (a refusal can be what reaches a
// cap).
//
//   AccountSet set = load(command.scopes);       // the store's business
//   Outcome outcome = apply(set, now, command);
//   if (outcome.decision == Decision::granted) hold(outcome.amount);
//
// A broken invariant (a settle above what is held, a hold that was not loaded) aborts: see
// base/check.h.
#pragma once

#include <boost/container/static_vector.hpp>
#include <cstdint>
#include <string_view>

#include "purser/ledger/account.h"
#include "purser/ledger/command.h"

namespace purser::ledger {

// A scope's own row. `open_caps` is checked against what was loaded: a cap that the store forgot to
// load would be a cap passed by.
struct ScopeState {
  Scope scope;
  bool stopped = false;
  std::uint32_t open_caps = 0;
  bool operator==(const ScopeState&) const = default;
};

struct AccountSet {
  boost::container::static_vector<ScopeState, kScopeKindCount> scopes;
  // Reserve: the account of the current cycle of every open cap of `scopes`. Settle, Expire,
  // Adjust: exactly those in the hold's (the usage's) list. SetCap, EndCap, Raise, EndRaise: that
  // cap's account. Reallocate: the giver's, then the taker's.
  boost::container::static_vector<Account, kMaxAccounts> accounts;
  // The caps behind `accounts`, for the commands that change a cap; in the same order.
  boost::container::static_vector<Cap, 2> caps;
  Nanos hold;                    // Settle, Expire: the amount of the open hold
  bool model_overspent = false;  // Settle, ClearOverspend: the state of the usage's model
};

enum class Decision : std::uint8_t {
  granted,           // or, for a command other than reserve: applied
  stopped,           // a scope was stopped by hand
  no_cap,            // no hard cap of a month or shorter applies
  paused,            // a hard cap is paused
  does_not_fit,      // limit − spent is below the smallest form's bound
  holds_in_the_way,  // it would fit, were it not for other requests' holds
  not_possible,      // a change of caps that cannot be made; nothing changed
};
std::string_view name(Decision decision);

struct Transition {
  // `pause_ended`: a hard cap that was reached has room again, since its limit was changed or it
  // ended. That a new cycle ends a pause too is no command's doing.
  enum class Kind : std::uint8_t { threshold, overspend, pause_ended } kind = Kind::threshold;
  std::uint8_t percent = 0;  // for `threshold`
  std::uint8_t account = 0;  // index into AccountSet::accounts
};
inline constexpr std::size_t kMaxTransitions = kMaxThresholds * kMaxAccounts + 1;

struct Outcome {
  Decision decision = Decision::granted;
  // Reserve: granted, what is held; refused, the smallest form's bound. Settle, Expire: what was
  // added to spent.
  Nanos amount;
  // Reserve, granted: the form whose bound is `amount`; forms.size() where the output limit was
  // lowered.
  std::uint8_t form = 0;
  // Settle: billed above the hold, by so much.
  Nanos overspend;
  // Which accounts refuse (bits, by index into AccountSet::accounts), and the one with the least
  // remaining among them. For `stopped`, `stopped_scope` is the index into AccountSet::scopes.
  std::uint32_t refusing = 0;
  std::uint8_t binding = 0;
  std::uint8_t stopped_scope = 0;
  // Watch caps that would have refused.
  std::uint32_t would_refuse = 0;
  boost::container::static_vector<Transition, kMaxTransitions> transitions;
};

Outcome apply(AccountSet& set, Instant now, const Command& command);

// Puts other thresholds in force; those that spent has come to already are taken as told.
void take_thresholds(Account& account, PercentSet thresholds);

// True where I1 holds for the account: spent + held ≤ limit.
bool within_limit(const Account& account);

}  // namespace purser::ledger
