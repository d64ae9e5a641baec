// Pace: how far a cap's spending is ahead of its cycle, and the reading of what a forecast needs
// from the rollups.
//
// A task's cap has no cycle, so it has neither pace nor forecast: what is read is none.
//
// Amounts are nanos, parts are from 0 to 1 (spent may be beyond). Thread-safe: no state; `sql` is
// used by the calling thread alone. Reading throws what Sql throws, and costs one query over at
// most eight weeks of the scope's rollups.
//
//   const auto pace = pace_of(account, now);
//   const auto input = read_forecast_input(sql, workspace, calendar, account, now);
//   if (pace) print(pace_text(*pace));           // words.h
//   if (input) print(run_out_text(instant_of_running_out(*input, account.limit), …));
#pragma once

#include <optional>

#include "purser/base/calendar.h"
#include "purser/ledger/account.h"
#include "purser/reports/forecast.h"
#include "purser/store/sql.h"

namespace purser::reports {

// `on_pace`: the share of the limit that is spent is within a tenth of the share of the cycle that
// is gone.
enum class PaceState { behind, on_pace, ahead };

struct Pace {
  Period period = Period::month;
  double cycle_part_gone = 0;
  double limit_part_spent = 0;  // 1 where the limit is 0
  PaceState state = PaceState::on_pace;
};

// None for a cap without a cycle.
std::optional<Pace> pace_of(const ledger::Account& account, Instant now);

// None for a cap without a cycle, and after the cycle. History begins with the scope's first use.
std::optional<ForecastInput> read_forecast_input(store::Sql& sql, const Id& workspace,
                                                 const Calendar& calendar,
                                                 const ledger::Account& account, Instant now);

// What a day costs at present: the mean of the last seven whole days, of those that there are; in
// a scope's first day, today's cost.
Nanos velocity_per_day(const ForecastInput& input);

}  // namespace purser::reports
