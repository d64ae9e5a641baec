#include "purser/reports/pace.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <utility>

#include "scope_columns.h"

namespace purser::reports {
namespace {

constexpr double kOnPaceWithin = 0.10;
// How many days' worth of an even day stand against what the history says of a day's course.
constexpr double kEvenDays = 2;
// A scope's first day is only a part of one; without it, where there are others.
constexpr std::size_t kEnoughDays = 3;

double part(Duration of, Duration whole) {
  if (whole <= Duration{0}) return 1;
  return std::clamp(static_cast<double>(of.count()) / static_cast<double>(whole.count()), 0.0, 1.0);
}

int iso_weekday(const Calendar& calendar, Instant instant) {
  const std::string date = calendar.local_date(instant);
  const auto day =
      std::chrono::sys_days{std::chrono::year{std::stoi(date.substr(0, 4))} /
                            std::stoi(date.substr(5, 2)) / std::stoi(date.substr(8, 2))};
  return static_cast<int>(std::chrono::weekday{day}.iso_encoding());
}

ForecastDay day_of(const Calendar& calendar, const Cycle& day) {
  ForecastDay out;
  out.day = day;
  out.weekday = iso_weekday(calendar, day.start);
  const Cycle month = calendar.cycle_containing(Period::month, day.start);
  out.days_to_month_end =
      static_cast<int>(std::lround(std::chrono::duration<double>(month.end - day.end).count() /
                                   std::chrono::duration<double>(std::chrono::hours(24)).count()));
  return out;
}

using Buckets = std::map<Instant, Nanos>;

Buckets read_buckets(store::Sql& sql, const Id& workspace, const ledger::Scope& scope,
                     const Cycle& window) {
  Buckets buckets;
  sql.each(
      "SELECT bucket, SUM(cost_nanos) FROM rollups WHERE workspace = ?1 AND bucket >= ?2 AND "
      "bucket < ?3" +
          and_scope(scope.kind, "?4") + " GROUP BY bucket",
      {workspace, window.start, window.end, scope.id},
      [&](const store::Row& row) { buckets.emplace(row.instant(0), row.nanos(1)); });
  return buckets;
}

Nanos sum_of(const Buckets& buckets, const Cycle& window) {
  Nanos sum;
  const auto end = buckets.lower_bound(window.end);
  for (auto at = buckets.lower_bound(window.start); at != end; ++at) sum += at->second;
  return sum;
}

std::vector<ForecastDay> history_before(const Calendar& calendar, const Buckets& buckets,
                                        Instant today) {
  std::vector<ForecastDay> days;
  if (buckets.empty()) return days;
  Instant end = today;
  while (days.size() < kForecastHistoryDays && buckets.begin()->first < end) {
    const Cycle day = calendar.cycle_containing(Period::day, end - Duration{1});
    days.push_back(day_of(calendar, day));
    days.back().cost = sum_of(buckets, day);
    end = day.start;
  }
  if (days.size() > kEnoughDays && days.size() < kForecastHistoryDays) days.pop_back();
  std::reverse(days.begin(), days.end());
  return days;
}

// Which part of a day's cost has usually come by this time of the day.
double part_gone(const Buckets& buckets, const std::vector<ForecastDay>& history,
                 const Cycle& today, Instant now) {
  const double even = part(now - today.start, today.end - today.start);
  double before = 0, all = 0;
  for (const ForecastDay& day : history) {
    const Instant same_time = std::min(day.day.start + (now - today.start), day.day.end);
    before += static_cast<double>(sum_of(buckets, {day.day.start, same_time}).count());
    all += static_cast<double>(day.cost.count());
  }
  if (all <= 0) return even;
  const double usual = all / static_cast<double>(history.size());
  return (before + kEvenDays * usual * even) / (all + kEvenDays * usual);
}

}  // namespace

std::optional<Pace> pace_of(const ledger::Account& account, Instant now) {
  if (account.period == Period::none) return std::nullopt;
  Pace pace;
  pace.period = account.period;
  pace.cycle_part_gone = part(now - account.cycle_start, account.cycle_end - account.cycle_start);
  pace.limit_part_spent = account.limit > Nanos{} ? static_cast<double>(account.spent.count()) /
                                                        static_cast<double>(account.limit.count())
                                                  : 1;
  if (pace.limit_part_spent > pace.cycle_part_gone * (1 + kOnPaceWithin))
    pace.state = PaceState::ahead;
  else if (pace.limit_part_spent < pace.cycle_part_gone * (1 - kOnPaceWithin))
    pace.state = PaceState::behind;
  return pace;
}

std::optional<ForecastInput> read_forecast_input(store::Sql& sql, const Id& workspace,
                                                 const Calendar& calendar,
                                                 const ledger::Account& account, Instant now) {
  if (account.period == Period::none || account.scope.kind == ledger::ScopeKind::task)
    return std::nullopt;
  if (now < account.cycle_start || now >= account.cycle_end) return std::nullopt;
  const Cycle today = calendar.cycle_containing(Period::day, now);
  // A day more than are looked at, since a day may have 25 hours.
  const Duration reach = std::chrono::hours(24) * (kForecastHistoryDays + 1);
  const Buckets buckets =
      read_buckets(sql, workspace, account.scope, {today.start - reach, today.end});

  ForecastInput input;
  input.now = now;
  input.history = history_before(calendar, buckets, today.start);
  input.today = day_of(calendar, today);
  input.today.cost = sum_of(buckets, today);
  input.today_part_gone = part_gone(buckets, input.history, today, now);
  for (Cycle day = calendar.cycle_after(Period::day, today.end);
       day.start < account.cycle_end && input.days_left.size() < kForecastDaysLeft;
       day = calendar.cycle_after(Period::day, day.end))
    input.days_left.push_back(day_of(calendar, day));
  input.spent = account.spent;
  input.cycle_part_gone = part(now - account.cycle_start, account.cycle_end - account.cycle_start);
  return input;
}

Nanos velocity_per_day(const ForecastInput& input) {
  const std::size_t count = std::min<std::size_t>(7, input.history.size());
  if (count == 0) return input.today.cost;
  Nanos sum;
  for (std::size_t at = input.history.size() - count; at < input.history.size(); ++at)
    sum += input.history[at].cost;
  return Nanos{sum.count() / static_cast<std::int64_t>(count)};
}

}  // namespace purser::reports
