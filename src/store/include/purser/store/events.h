// What happened that somebody may want to hear of. An event is a row of the outbox, written in the
// transaction of what happened (I5); alerts/ makes messages of it, and reads names, pace and
// breakdown then. The numbers are stored; never change them.
//
//   change.announce({EventKind::key_made, {ScopeKind::key, key.id}, {}, json});
//
// A body is a JSON object. The ledger's own events (threshold, overspend, pause_ended,
// limit_changed, stopped, resumed) are announced by the store, where their commands are applied,
// and carry the account's balances after the command; `actor_name` and `reason` say who and why,
// where a person did it. The others are announced by the change that makes them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "purser/base/id.h"
#include "purser/ledger/scope.h"

namespace purser::store {

enum class EventKind : std::uint8_t {
  threshold = 0,      // one alert per cap, cycle, threshold and limit version
  overspend = 1,      // a provider billed above the bound it was sent
  pause_ended = 2,    // a cap that was reached has room again: a raise, or its next cycle
  limit_changed = 3,  // set, raised, reallocated, ended
  stopped = 4,        // a scope, by hand
  resumed = 5,        // by hand
  raise_asked = 6,    // or asked again: see identity/raise_requests.h
  raise_decided = 7,  // granted, declined or expired
  key_made = 8,
  runs_out_early = 9,  // the forecast says before the cycle ends
  audit_head = 10,     // the daily head of the audit trail
};
inline constexpr std::size_t kEventKindCount = 11;
// "cap.threshold", "model.overspend", …: the types of webhooks, documented in docs/ALERTS.md.
std::string_view type_of(EventKind kind);

struct Event {
  EventKind kind = EventKind::key_made;
  ledger::Scope scope;    // whom it is about
  Id cap;                 // zero: none
  Id subject;             // a request, raise request or key; zero: none
  std::string body;       // JSON
  Instant cycle_start{};  // of the cap
};

}  // namespace purser::store
