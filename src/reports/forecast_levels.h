// What a usual day costs, as six small models see it, weighed by how they would have done. The
// formula stands in purser/reports/forecast.h.
#pragma once

#include <array>
#include <span>
#include <vector>

#include "profiled_day.h"

namespace purser::reports {

class Levels {
 public:
  explicit Levels(std::vector<ProfiledDay> days);

  // The cost of a usual day, so many days after the last of the history (1: the next).
  double level(double days_ahead) const;
  // The standard deviation of the error over this many usual days.
  double deviation(double usual_days) const;

 private:
  static constexpr std::size_t kModels = 6;
  struct Line {
    double level = 0, slope = 0;  // a usual day after the last one, and the growth a day
    double at(double days_ahead) const;
  };
  static std::array<Line, kModels> fit(std::span<const ProfiledDay> days);
  static Line line_of(std::span<const ProfiledDay> days, double half_life);
  static double sum_ahead(const Line& line, std::span<const ProfiledDay> days);
  void weigh(const std::vector<ProfiledDay>& days);
  void measure(const std::vector<ProfiledDay>& days);

  std::array<Line, kModels> lines_{};
  std::array<double, kModels> weights_{};
  double error_of_day_ = 0, error_of_long_ = 0, days_ = 1, long_days_ = 7, growth_ = 0.7;
};

}  // namespace purser::reports
