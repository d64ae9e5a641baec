// A cap, and an account: that cap in one cycle. Amounts are nanos, instants UTC.
#pragma once

#include <cstdint>
#include <optional>

#include "purser/base/calendar.h"
#include "purser/base/env.h"
#include "purser/base/id.h"
#include "purser/base/money.h"
#include "purser/ledger/scope.h"
#include "purser/ledger/thresholds.h"

namespace purser::ledger {

// One for each period and enforcement, so at most this many open caps a scope (DESIGN, "cap").
inline constexpr std::size_t kMaxCapsOfScope = 4;
inline constexpr std::size_t kMaxAccounts = kScopeKindCount * kMaxCapsOfScope;

// A limit in place of the cap's own, until an instant.
struct TemporaryLimit {
  Nanos limit;
  Instant until;
  bool operator==(const TemporaryLimit&) const = default;
};

struct Cap {
  Id id;
  Scope scope;
  Period period = Period::month;
  Enforcement enforcement = Enforcement::hard;
  Nanos limit;                              // for good
  std::optional<TemporaryLimit> temporary;  // a raise for this cycle or until a date
  std::uint32_t limit_version = 1;          // raised with every change of the limit in force
  PercentSet thresholds = kDefaultThresholds;
  bool ended = false;
  Nanos limit_at(Instant at) const;
  bool operator==(const Cap&) const = default;
};

struct Account {
  Id cap;
  Scope scope;
  Period period = Period::month;
  Enforcement enforcement = Enforcement::hard;
  Instant cycle_start;
  Instant cycle_end;
  Nanos limit;  // in force
  std::uint32_t limit_version = 1;
  Nanos spent;
  Nanos held;
  PercentSet thresholds = kDefaultThresholds;  // of the cap
  PercentSet crossed;                          // already recorded for this limit
  bool ended = false;  // still takes the settles of its open holds, grants nothing

  Nanos remaining() const { return limit - spent - held; }
  bool paused() const;  // spent within the pause margin of the limit
  bool is_reached() const { return crossed.has(kReachedPercent); }
  bool operator==(const Account&) const = default;
};

// The smaller of USD 0.05 and 0.5 % of the limit.
Nanos pause_margin(Nanos limit);

}  // namespace purser::ledger
