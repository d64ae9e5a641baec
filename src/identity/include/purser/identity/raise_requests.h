// Raise requests: somebody asks for a higher limit and says why; an admin grants it, another amount
// than was asked perhaps, or declines, with a word; the asker may withdraw it. Functions over one
// Change of the store: granting raises the cap in the same transaction. Each asking and each end is
// audited and announced (EventKind::raise_asked, raise_decided). Whom a cap concerns is the
// caller's to decide.
//
//   store.change([&](store::Change& change) -> Result<void> {
//     auto id = ask_for_raise(change, cap, usd(200), by);   // by.reason is what the asker says
//     …
//   });
//
// Asking again for the same cap while a request is open is folded into it: the newest reason and
// amount count, those before stand in the audit trail. A request expires kRaiseRequestLife after it
// was asked last; one that has expired is as good as ended, though `expire_raise_requests` puts
// that on record only when it is called.
//
// The events' bodies: {"request", "cap", "asked_by", "asked_by_name", "reason", "times",
// "limit_usd" (asked for, or null), "expires_at"}, and of an end also {"decision", "decided_by",
// "decided_by_name", "word", "granted_limit_usd", "granted_until" (null: for good)}; what does not
// apply is null.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "purser/identity/changed_by.h"
#include "purser/identity/raises.h"
#include "purser/store/sql.h"

namespace purser::identity {

inline constexpr std::string_view kRaiseRequestPrefix = "rrq";
inline constexpr Duration kRaiseRequestLife = std::chrono::hours(7 * 24);
inline constexpr std::int64_t kMaxOpenRaiseRequests = 20;  // of a user
inline constexpr std::int64_t kMaxTimesAsked = 20;         // of one request
inline constexpr std::int64_t kMaxRaiseRequestsADay = 50;  // of a user, however they ended
inline constexpr std::size_t kMaxRaiseTextBytes = 500;     // of a reason, of a word

// The numbers are stored; never change them.
enum class RaiseRequestState : std::uint8_t {
  open = 0,
  granted = 1,
  declined = 2,
  withdrawn = 3,
  expired = 4,
};
std::string_view name(RaiseRequestState state);
std::optional<RaiseRequestState> parse_raise_request_state(std::string_view text);

struct RaiseRequest {
  Id id;
  Id cap;
  ledger::Scope scope;  // the cap's
  Period period = Period::month;
  ledger::Enforcement enforcement = ledger::Enforcement::hard;
  Id asked_by;
  Instant asked;  // first
  Instant last_asked;
  std::int64_t times = 1;
  std::optional<Nanos> limit;  // asked for; absent: whatever is thought right
  std::string reason;
  Instant expires;
  RaiseRequestState state = RaiseRequestState::open;
  Id decided_by;  // zero: nobody yet, or it expired
  std::optional<Instant> decided;
  std::string word;
  std::optional<Nanos> granted_limit;
  std::optional<Instant> granted_until;  // of one granted, absent: for good

  // An open one that has expired counts as expired before that is on record.
  RaiseRequestState state_at(Instant now) const;
};

// Errors: unknown_cap, missing_member (a reason), too_long, not_possible (the limit is that high
// already), too_many_raise_requests.
Result<Id> ask_for_raise(store::Change& change, const Id& cap, const std::optional<Nanos>& limit,
                         const ChangedBy& by);

// Nobody grants their own request (own_request), unless the setting grant_own_requests is on.
// Errors: unknown_raise_request, raise_request_ended, too_long, and those of raise_cap.
Result<void> grant_raise_request(store::Change& change, const Id& request, const RaiseTo& to,
                                 std::string_view word, const ChangedBy& by);
// Errors: unknown_raise_request, raise_request_ended, missing_member (a word), too_long.
Result<void> decline_raise_request(store::Change& change, const Id& request, std::string_view word,
                                   const ChangedBy& by);
// By the asker; anybody else finds no such request. Errors: unknown_raise_request,
// raise_request_ended.
Result<void> withdraw_raise_request(store::Change& change, const Id& request, const ChangedBy& by);

// Puts on record what has expired, and gives how many; at most kMaxExpiredAtOnce a call. Writes
// nothing where there is none. Errors: those of Store::change.
inline constexpr std::size_t kMaxExpiredAtOnce = 200;
Result<std::size_t> expire_raise_requests(store::Store& store, Instant now);

// Error: unknown_raise_request.
Result<RaiseRequest> load_raise_request(store::Sql& sql, const Id& workspace, const Id& id);

struct RaiseRequestFilter {
  Id after;  // the last id of the page before; zero: from the newest
  std::size_t limit = 100;
  std::optional<RaiseRequestState> state;
  // Those that this user asked, and those of caps of the teams given: of the team, its memberships,
  // its members and their keys. A zero user: everybody's.
  Id user;
  std::vector<Id> teams;
};
// The newest first.
std::vector<RaiseRequest> list_raise_requests(store::Sql& sql, const Id& workspace, Instant now,
                                              const RaiseRequestFilter& filter);

}  // namespace purser::identity
