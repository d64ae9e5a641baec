// Who consumed what within a cap's scope in a cycle: by user, by project, by model, the largest
// first. Each of the three adds up to the same total, to the nano: what the account of the cap had
// spent.
//
// As of now, or as of a command of the ledger: of a crossing, so that an alert which is written
// later still says what led to it. Then the rollups of the cycle are taken as they are, and what
// came after that command is taken off: usages settled after it, and adjustments booked after it.
// Both are found by their ids, which begin with the time at which they were made.
//
// Bound: of requests, those made in the 24 hours before the crossing and since are looked at. A
// request that was in flight for longer than that when the cap crossed would be counted although it
// was settled later; exchanges are far shorter. The cost of reading follows what came since those
// 24 hours, so ask soon.
//
// A task has no rollups: its own usages are read, among those made between its first use and its
// last.
//
// Amounts are nanos. Thread-safe: no state. Reading throws what Sql throws. The whole is one
// snapshot if `sql` is, as in Store::read.
//
//   const Breakdown parts = read_breakdown(sql, workspace, account.scope,
//                                          {account.cycle_start, account.cycle_end},
//                                          Crossing{event.sequence, event.made_at});
//   for (const auto& part : parts.by_user) print(part.name, part.cost, part.percent);
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "purser/base/calendar.h"
#include "purser/ledger/scope.h"
#include "purser/store/sql.h"

namespace purser::reports {

// Beyond these, one part "others".
inline constexpr std::size_t kBreakdownParts = 10;

struct BreakdownPart {
  // A user's or project's, also of one that has ended; "no project"; a model's, "openai/gpt-5";
  // "3 others".
  std::string name;
  Nanos cost;
  double percent = 0;  // of the total, to a tenth
};

struct Breakdown {
  Nanos total;
  std::vector<BreakdownPart> by_user, by_project, by_model;
};

// The command that crossed, and its time.
struct Crossing {
  std::uint64_t sequence = 0;
  Instant at;
};

Breakdown read_breakdown(store::Sql& sql, const Id& workspace, const ledger::Scope& scope,
                         const Cycle& cycle, const std::optional<Crossing>& as_of = std::nullopt);

}  // namespace purser::reports
