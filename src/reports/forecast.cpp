#include "purser/reports/forecast.h"

#include <algorithm>
#include <cmath>

#include "forecast_levels.h"
#include "forecast_profile.h"

namespace purser::reports {
namespace {

// The 10 % and 90 % points of a standard normal distribution.
constexpr double kTenPercent = 1.2816;
constexpr double kLeastPart = 0.02;  // half an hour of a day: less says nothing about a rate

struct Expected {
  double rest_of_today = 0;
  std::vector<double> days;  // that are left
  double usual_days = 0;     // how much of usual days is left
  double deviation = 0;
  double rest() const {
    double sum = rest_of_today;
    for (double day : days) sum += day;
    return sum;
  }
};

Nanos to_nanos(double amount) {
  const double most = static_cast<double>(kMaxAmount.count());
  return Nanos{std::llround(std::clamp(amount, 0.0, most))};
}

// Nothing is known but today (and what a cap that is older than its rollups says).
double rate_without_history(const ForecastInput& input) {
  const double days_gone = input.today_part_gone;
  return amount(input.today) / std::max(days_gone, kLeastPart);
}

Expected expect(const ForecastInput& input) {
  const std::size_t skipped =
      input.history.size() - std::min(input.history.size(), kForecastHistoryDays);
  const std::vector<ForecastDay> history(input.history.begin() + static_cast<long>(skipped),
                                         input.history.end());
  const DayProfile profile(history);
  std::vector<ProfiledDay> days;
  for (const ForecastDay& day : history) days.push_back({amount(day), profile.factor(day)});
  if (days.empty()) days.push_back({rate_without_history(input), 1});
  // A day that has cost more than a whole one was expected to is a day of the new kind already.
  const double today_so_far = amount(input.today);
  if (today_so_far > Levels(days).level(1) * profile.factor(input.today))
    days.push_back({today_so_far, profile.factor(input.today)});
  const Levels levels(days);

  Expected expected;
  const double gone = std::clamp(input.today_part_gone, 0.0, 1.0);
  const double today = levels.level(1) * profile.factor(input.today);
  expected.rest_of_today =
      (today * (1 - gone) + std::max(0.0, today - amount(input.today))) / 2 * (gone < 1);
  expected.usual_days = profile.factor(input.today) * (1 - gone);
  const std::size_t left = std::min(input.days_left.size(), kForecastDaysLeft);
  for (std::size_t at = 0; at < left; ++at) {
    const double factor = profile.factor(input.days_left[at]);
    expected.days.push_back(levels.level(static_cast<double>(at + 2)) * factor);
    expected.usual_days += factor;
  }
  expected.deviation = levels.deviation(expected.usual_days);
  return expected;
}

// Of a gamma distribution, after Wilson and Hilferty; z in standard deviations of a normal one.
// Beyond a spread of |z| / 2 the formula would fall again, and leave the mean outside of the range.
double gamma_point(double mean, double deviation, double z) {
  if (mean <= 0) return std::max(0.0, z) * deviation;
  const double spread = std::min(deviation / mean / 3, std::abs(z) / 2);
  return mean * std::pow(std::max(0.0, 1 - spread * spread + z * spread), 3);
}

}  // namespace

Forecast compute_forecast(const ForecastInput& input) {
  const Expected expected = expect(input);
  const double spent = static_cast<double>(input.spent.count());
  const double rest = expected.rest();
  Forecast forecast;
  forecast.total = to_nanos(spent + rest);
  forecast.low = to_nanos(spent + gamma_point(rest, expected.deviation, -kTenPercent));
  forecast.high = to_nanos(spent + gamma_point(rest, expected.deviation, kTenPercent));
  forecast.straight_line = to_nanos(spent / std::max(input.cycle_part_gone, 1e-6));
  return forecast;
}

std::optional<Instant> instant_of_running_out(const ForecastInput& input, Nanos limit) {
  double room = static_cast<double>(limit.count()) - static_cast<double>(input.spent.count());
  if (room <= 0) return input.now;
  const Expected expected = expect(input);
  const auto within = [&](Instant from, Instant to, double cost) {
    const double part = cost > 0 ? room / cost : 1;
    return from + Duration{std::llround(static_cast<double>((to - from).count()) * part)};
  };
  if (room <= expected.rest_of_today)
    return within(input.now, input.today.day.end, expected.rest_of_today);
  room -= expected.rest_of_today;
  for (std::size_t at = 0; at < expected.days.size(); ++at) {
    const Cycle& day = input.days_left[at].day;
    if (room <= expected.days[at]) return within(day.start, day.end, expected.days[at]);
    room -= expected.days[at];
  }
  return std::nullopt;
}

}  // namespace purser::reports
