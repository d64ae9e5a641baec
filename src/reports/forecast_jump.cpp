#include "forecast_jump.h"

#include <algorithm>
#include <cmath>
#include <span>

namespace purser::reports {
namespace {

constexpr std::size_t kLeastDaysBefore = 7, kLeastDaysAfter = 4, kMostDaysBeside = 14;
constexpr double kStandsOut = 6;         // standard errors
constexpr double kLeastLogRatio = 0.45;  // half as much again; a steady growth is less

// A stretch of days as one level.
struct Stretch {
  double cost = 0, factor = 0, factor_squares = 0, noise_squares = 0;
  explicit Stretch(std::span<const ProfiledDay> days) {
    for (const ProfiledDay& day : days) {
      cost += day.cost;
      factor += day.factor;
      factor_squares += day.factor * day.factor;
    }
    for (const ProfiledDay& day : days) {
      const double error = day.cost - level() * day.factor;
      noise_squares += error * error;
    }
  }
  double level() const { return factor > 0 ? cost / factor : 0; }
  double spread() const { return factor_squares / (factor * factor); }
};

}  // namespace

void level_out_jump(std::vector<ProfiledDay>& days) {
  const std::span<const ProfiledDay> all(days);
  double most = kStandsOut, ratio = 1;
  std::size_t cut = 0;
  for (std::size_t at = kLeastDaysBefore; at + kLeastDaysAfter <= days.size(); ++at) {
    const std::size_t before_days = std::min(at, kMostDaysBeside);
    const std::size_t after_days = std::min(days.size() - at, kMostDaysBeside);
    const Stretch before(all.subspan(at - before_days, before_days)),
        after(all.subspan(at, after_days));
    if (before.level() <= 0 || after.level() <= 0) continue;
    const double noise = (before.noise_squares + after.noise_squares) /
                         static_cast<double>(before_days + after_days - 2);
    const double error = std::sqrt(noise * (before.spread() + after.spread()));
    const double found = after.level() / before.level();
    const double stands_out = std::abs(after.level() - before.level()) / std::max(error, 1e-9);
    if (std::abs(std::log(found)) < kLeastLogRatio || stands_out <= most) continue;
    most = stands_out;
    ratio = found;
    cut = at;
  }
  for (std::size_t at = 0; at < cut; ++at) days[at].cost *= ratio;
}

}  // namespace purser::reports
