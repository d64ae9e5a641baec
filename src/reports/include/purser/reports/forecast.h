// The forecast of what a cap's scope will have spent at the end of the cycle: more than a straight
// line, since people do not work at weekends, agents come in bursts, and teams grow. A pure
// calculation over daily sums; pace.h reads them. docs/FORECAST.md explains it in plain words and
// has its record over made-up histories.
//
// The formula. Day t of the history cost c(t); f(d) is the share of a usual day that a day like d
// has, by its weekday and, among a month's last days, by that:
//
//   weekday      mean of c(t) ÷ the mean of the seven days around t, over the days of this weekday;
//                drawn towards the mean of its kind (Monday to Friday, or weekend), and that
//                towards 1, the more the fewer the days and the wilder they are. From a week on.
//   month's end  of a month's last five days: their mean ÷ that of all other days, weekdays
//                considered. Counts where it stands out by 2.5 standard errors and a fifth; drawn
//                towards 1 as if by one more day.
//
// A jump: where the two weeks before and after some day differ by half as much again, and by six
// standard errors, all days before it are scaled to the level after it.
//
// Six small models then say how much a usual day costs: four levels Σ w·c ÷ Σ w·f, whose weights w
// halve every 3, 7, 18 and 60 days back, and two lines, fitted by least squares with weights that
// halve every 12 and 40 days. A line's slope counts as far as it stands out from its error, and
// fades with the horizon: by e in 40 days. Each is tried on the past: from every day of the last
// four weeks it says what the 14 days after it (a quarter of a shorter history) were to cost. A
// model's say is the inverse of the sixth power of its mean error, newer trials counting more;
// drawn towards a habit, the slow levels, while trials are few. With λ(d) their joint answer:
//
//   rest of today = the mean of λ·f·(1 − part of today gone) and max(0, λ·f − today's cost)
//   total         = spent + rest of today + Σ over days left of λ(d)·f(d)
//
// The range. In the same trials the joint answer missed one day by s₁ and H days by s (root mean
// squares; H up to 14; drawn towards a habit while trials are few). An error over F usual days has
// the standard deviation 1.15·(1 + 8 ÷ days of history)·s·(F ÷ H)^γ, γ = ln(s ÷ s₁) ÷ ln H, kept
// between 0.5 (days err on their own) and 1.2 (all in one direction, and more and more). `low` and
// `high` are the 10 % and 90 % points of a gamma distribution with that deviation around the
// expected rest (after Wilson and Hilferty), so neither is below what is spent.
//
// Statistics are in double; what leaves as money is Nanos. Bounds: the newest kForecastHistoryDays
// days of history are looked at; days left up to a year. Thread-safe: no state. No errors: without
// any history it goes on at the rate of today.
//
//   Forecast forecast = compute_forecast(input);
//   print(format_usd_cents_up(forecast.total));
//   if (auto out = instant_of_running_out(input, limit)) print(calendar.local_text(*out));
#pragma once

#include <optional>
#include <vector>

#include "purser/base/calendar.h"
#include "purser/base/money.h"

namespace purser::reports {

// Eight weeks.
inline constexpr std::size_t kForecastHistoryDays = 56;
inline constexpr std::size_t kForecastDaysLeft = 400;

// A local day. `cost` is not looked at for a day to come.
struct ForecastDay {
  Cycle day;
  int weekday = 1;            // ISO: 1 Monday … 7 Sunday
  int days_to_month_end = 0;  // 0 on the last day of the workspace's month
  Nanos cost;
};

struct ForecastInput {
  // Whole days before today, the oldest first, without gaps; a day without use is in it, at 0. Of
  // a scope that is new: from its first use on.
  std::vector<ForecastDay> history;
  ForecastDay today;                   // its cost so far
  double today_part_gone = 0;          // of what a day like today usually costs; see pace.h
  Instant now;                         // within today
  std::vector<ForecastDay> days_left;  // of the cycle, after today
  Nanos spent;                         // in the cycle, by the account
  double cycle_part_gone = 0;          // 0 to 1
};

struct Forecast {
  Nanos total;          // expected at the cycle's end
  Nanos low, high;      // in eight of ten cases the total is between
  Nanos straight_line;  // spent ÷ share of the cycle gone
};

Forecast compute_forecast(const ForecastInput& input);

// When spent reaches the limit, if it goes as expected: `now` where it has already, none where not
// before the cycle ends.
std::optional<Instant> instant_of_running_out(const ForecastInput& input, Nanos limit);

}  // namespace purser::reports
