#include "forecast_levels.h"

#include <algorithm>
#include <cmath>

#include "forecast_jump.h"

namespace purser::reports {
namespace {

constexpr std::array<double, 4> kHalfLives = {3, 7, 18, 60};
constexpr std::array<double, 2> kLineHalfLives = {12, 40};
constexpr std::size_t kLeastLineDays = 14;
// Growth slows down by this: e-fold in so many days.
constexpr double kSlopeFade = 40;
// Whose say it is while nothing has been tried: levels, from quick to slow, then the line.
constexpr std::array<double, 6> kHabit = {0.03, 0.12, 0.35, 0.5, 0, 0};
constexpr double kHabitTrials = 8;
constexpr double kTrialHalfLife = 10, kPower = 6;
// How often a slope must stand out from its error to count by half, squared.
constexpr double kSlopeDoubt = 2;
constexpr std::size_t kTrials = 28, kTrialDays = 7, kLongTrialDays = 14, kLeastTrialHistory = 3;

// A usual day's noise while none was measured, as a share of the level.
constexpr double kHabitNoise = 0.5;
constexpr double kHabitNoiseTrials = 2;
constexpr double kHabitGrowth = 0.75;
// The trials know the profile that was learnt from the same days, and what never changed yet may.
constexpr double kWider = 1.15, kWiderAtFew = 8;

double decay(double age, double half_life) { return std::exp2(-age / half_life); }

double level_of(std::span<const ProfiledDay> days, double half_life) {
  double cost = 0, factor = 0;
  for (std::size_t at = 0; at < days.size(); ++at) {
    const double weight = decay(static_cast<double>(days.size() - 1 - at), half_life);
    cost += weight * days[at].cost;
    factor += weight * days[at].factor;
  }
  return factor > 0 ? cost / factor : 0;
}

}  // namespace

double Levels::Line::at(double days_ahead) const {
  const double grown = slope * kSlopeFade * (1 - std::exp(-days_ahead / kSlopeFade));
  return std::max(0.0, level + grown);
}

std::array<Levels::Line, Levels::kModels> Levels::fit(std::span<const ProfiledDay> days) {
  std::array<Line, kModels> lines;
  for (std::size_t model = 0; model < kHalfLives.size(); ++model)
    lines[model].level = level_of(days, kHalfLives[model]);
  for (std::size_t model = 0; model < kLineHalfLives.size(); ++model)
    lines[kHalfLives.size() + model] = line_of(days, kLineHalfLives[model]);
  return lines;
}

Levels::Line Levels::line_of(std::span<const ProfiledDay> days, double half_life) {
  const Line flat{level_of(days, half_life), 0};
  if (days.size() < kLeastLineDays) return flat;
  // Least squares of cost on factor and factor × age, newer days counting more.
  double aa = 0, ab = 0, bb = 0, ya = 0, yb = 0;
  for (std::size_t at = 0; at < days.size(); ++at) {
    const double age = static_cast<double>(days.size() - 1 - at);
    const double weight = decay(age, half_life);
    const double a = days[at].factor, b = -age * days[at].factor;
    aa += weight * a * a;
    ab += weight * a * b;
    bb += weight * b * b;
    ya += weight * days[at].cost * a;
    yb += weight * days[at].cost * b;
  }
  const double determinant = aa * bb - ab * ab;
  if (determinant <= 1e-9 * aa * bb) return flat;
  const double level = (ya * bb - yb * ab) / determinant;
  const double slope = (yb * aa - ya * ab) / determinant;
  // A slope counts by how far it stands out from the noise.
  double squares = 0, weights = 0;
  for (std::size_t at = 0; at < days.size(); ++at) {
    const double age = static_cast<double>(days.size() - 1 - at);
    const double error = days[at].cost - days[at].factor * (level - slope * age);
    squares += decay(age, half_life) * error * error;
    weights += decay(age, half_life);
  }
  const double variance = squares / weights * aa / determinant;
  const double trust = slope * slope / (slope * slope + kSlopeDoubt * variance);
  // The line turns about the middle of what it was fitted to.
  const double middle = ab / aa;  // factor-weighted mean of -age
  return {level + (trust - 1) * slope * -middle, slope * trust};
}

double Levels::sum_ahead(const Line& line, std::span<const ProfiledDay> days) {
  double sum = 0;
  for (std::size_t at = 0; at < days.size(); ++at)
    sum += line.at(static_cast<double>(at + 1)) * days[at].factor;
  return sum;
}

Levels::Levels(std::vector<ProfiledDay> days) {
  level_out_jump(days);
  lines_ = fit(days);
  weigh(days);
  measure(days);
}

namespace {

// Calls `trial` with what was known and what came, for each origin of the last four weeks.
template <typename Trial>
void each_trial(const std::vector<ProfiledDay>& days, std::size_t ahead, const Trial& trial) {
  const std::span<const ProfiledDay> all(days);
  if (days.size() < kLeastTrialHistory + ahead) return;
  const std::size_t last = days.size() - ahead;
  const std::size_t first = std::max(kLeastTrialHistory, last > kTrials ? last - kTrials : 0);
  for (std::size_t origin = first; origin <= last; ++origin)
    trial(all.first(origin), all.subspan(origin, ahead));
}

double sum_of(std::span<const ProfiledDay> days) {
  double sum = 0;
  for (const ProfiledDay& day : days) sum += day.cost;
  return sum;
}

}  // namespace

void Levels::weigh(const std::vector<ProfiledDay>& days) {
  std::array<double, kModels> errors{};
  double trials = 0;
  each_trial(days, std::clamp<std::size_t>(days.size() / 4, 1, kLongTrialDays),
             [&](std::span<const ProfiledDay> known, std::span<const ProfiledDay> next) {
               const auto lines = fit(known);
               std::array<double, kModels> missed;
               double all = 0;
               for (std::size_t model = 0; model < kModels; ++model)
                 all += missed[model] = std::abs(sum_ahead(lines[model], next) - sum_of(next));
               if (all <= 0) return;
               const double weight = decay(
                   static_cast<double>(days.size() - known.size() - next.size()), kTrialHalfLife);
               for (std::size_t model = 0; model < kModels; ++model)
                 errors[model] += weight * missed[model] / all;
               trials += weight;
             });
  const double best = *std::min_element(errors.begin(), errors.end());
  double sum = 0;
  for (std::size_t model = 0; model < kModels; ++model) {
    const double quality =
        best <= 0 ? (errors[model] <= 0 ? 1 : 0) : std::pow(best / errors[model], kPower);
    const double tried = trials / (trials + kHabitTrials);
    weights_[model] = (1 - tried) * kHabit[model] + tried * quality;
    sum += weights_[model];
  }
  for (double& weight : weights_) weight /= sum;
}

void Levels::measure(const std::vector<ProfiledDay>& days) {
  const double habit_day = kHabitNoise * level(1);
  const auto error_over = [&](std::size_t ahead, double habit) {
    double squares = habit * habit * kHabitNoiseTrials, trials = kHabitNoiseTrials;
    each_trial(days, ahead,
               [&](std::span<const ProfiledDay> known, std::span<const ProfiledDay> next) {
                 const auto lines = fit(known);
                 double expected = 0;
                 for (std::size_t model = 0; model < kModels; ++model)
                   expected += weights_[model] * sum_ahead(lines[model], next);
                 const double error = expected - sum_of(next);
                 squares += error * error;
                 ++trials;
               });
    return std::sqrt(squares / trials);
  };
  error_of_day_ = error_over(1, habit_day);
  days_ = static_cast<double>(days.size());
  long_days_ = static_cast<double>(std::clamp<std::size_t>(days.size() / 4, 2, kLongTrialDays));
  error_of_long_ = error_over(static_cast<std::size_t>(long_days_),
                              error_of_day_ * std::pow(long_days_, kHabitGrowth));
  if (error_of_day_ > 0 && error_of_long_ > 0)
    growth_ = std::clamp(std::log(error_of_long_ / error_of_day_) / std::log(long_days_), 0.5, 1.2);
}

double Levels::level(double days_ahead) const {
  double sum = 0;
  for (std::size_t model = 0; model < kModels; ++model)
    sum += weights_[model] * lines_[model].at(days_ahead);
  return sum;
}

double Levels::deviation(double usual_days) const {
  if (usual_days <= 0) return 0;
  return kWider * (1 + kWiderAtFew / days_) * error_of_long_ *
         std::pow(usual_days / long_days_, growth_);
}

}  // namespace purser::reports
