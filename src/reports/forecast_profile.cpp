#include "forecast_profile.h"

#include <algorithm>
#include <cmath>

namespace purser::reports {
namespace {

constexpr int kMonthEndDays = 5;
// How many days' worth of belief stand against what a few days say.
constexpr double kWeekdayBelief = 1, kWeekdayDoubt = 8, kKindDoubt = 2;
constexpr std::size_t kLeastDays = 7;
// Of a month's end: standard errors above the other days, and by how much at least.
constexpr double kMonthEndStandsOut = 2.5, kLeastLift = 0.2;
constexpr double kLeastFactor = 0.3;  // a weekday that costs less tells too little

bool is_month_end(const ForecastDay& day) { return day.days_to_month_end < kMonthEndDays; }
bool is_weekend(int weekday) { return weekday >= 6; }

struct Mean {
  double sum = 0, squares = 0, count = 0;
  void add(double value) {
    sum += value;
    squares += value * value;
    ++count;
  }
  double towards(double belief, double weight) const {
    return (sum + belief * weight) / (count + weight);
  }
  double variance() const {
    if (count < 2) return 0;
    return std::max(0.0, (squares - sum * sum / count) / (count - 1));
  }
};

// The mean of the seven days around each: three before and three after, or the nearest seven.
std::vector<double> means_around(const std::vector<ForecastDay>& history) {
  std::vector<double> means;
  const std::size_t count = history.size();
  const std::size_t width = std::min<std::size_t>(7, count);
  for (std::size_t at = 0; at < count; ++at) {
    const std::size_t first = std::min(at < 3 ? 0 : at - 3, count - width);
    double sum = 0;
    for (std::size_t day = first; day < first + width; ++day) sum += amount(history[day]);
    means.push_back(sum / static_cast<double>(width));
  }
  return means;
}

}  // namespace

DayProfile::DayProfile() { weekdays_.fill(1); }

DayProfile::DayProfile(const std::vector<ForecastDay>& history) : DayProfile() {
  if (history.size() < kLeastDays) return;
  const std::vector<double> around = means_around(history);
  learn_weekdays(history, around);
  learn_month_end(history);
}

void DayProfile::learn_weekdays(const std::vector<ForecastDay>& history,
                                const std::vector<double>& around) {
  std::array<Mean, 7> ratios;
  std::array<Mean, 2> kinds;
  for (std::size_t at = 0; at < history.size(); ++at) {
    if (around[at] <= 0) continue;
    const double ratio = amount(history[at]) / around[at];
    ratios[static_cast<std::size_t>(history[at].weekday - 1)].add(ratio);
    kinds[is_weekend(history[at].weekday)].add(ratio);
  }
  double sum = 0;
  for (int weekday = 1; weekday <= 7; ++weekday) {
    const Mean& kind = kinds[is_weekend(weekday)];
    const double noise = kind.variance();
    const double kind_mean = kind.towards(1, kKindDoubt * noise);
    double& factor = weekdays_[static_cast<std::size_t>(weekday - 1)];
    factor = kind.count == 0 ? 1
                             : ratios[static_cast<std::size_t>(weekday - 1)].towards(
                                   kind_mean, kWeekdayBelief + kWeekdayDoubt * noise);
    sum += factor;
  }
  if (sum <= 0) return weekdays_.fill(1);
  for (double& factor : weekdays_) factor *= 7 / sum;
}

// Against the level of all other days, so that a month's end does not lift what it is held against.
void DayProfile::learn_month_end(const std::vector<ForecastDay>& history) {
  double cost = 0, factors = 0;
  for (const ForecastDay& day : history) {
    if (is_month_end(day)) continue;
    cost += amount(day);
    factors += weekday_factor(day);
  }
  if (cost <= 0 || factors <= 0) return;
  Mean usual, ends;
  for (const ForecastDay& day : history) {
    const double factor = weekday_factor(day);
    if (factor < kLeastFactor) continue;
    (is_month_end(day) ? ends : usual).add(amount(day) / (factor * cost / factors));
  }
  if (ends.count < 2 || usual.count < 7) return;
  const double standard_error = std::sqrt(usual.variance() * (1 / ends.count + 1 / usual.count));
  const double lift = ends.sum / ends.count - 1;
  if (lift < kMonthEndStandsOut * standard_error || lift < kLeastLift) return;
  month_end_ = 1 + lift * ends.count / (ends.count + 1);
}

double DayProfile::weekday_factor(const ForecastDay& day) const {
  return weekdays_[static_cast<std::size_t>(day.weekday - 1)];
}

double DayProfile::factor(const ForecastDay& day) const {
  return weekday_factor(day) * (is_month_end(day) ? month_end_ : 1);
}

}  // namespace purser::reports
