// What a day costs compared to a usual one: by its weekday, and at the end of a month. The formula
// stands in purser/reports/forecast.h.
#pragma once

#include <array>
#include <vector>

#include "purser/reports/forecast.h"

namespace purser::reports {

class DayProfile {
 public:
  DayProfile();  // every day is a usual one
  explicit DayProfile(const std::vector<ForecastDay>& history);

  double factor(const ForecastDay& day) const;

 private:
  void learn_weekdays(const std::vector<ForecastDay>& history, const std::vector<double>& around);
  void learn_month_end(const std::vector<ForecastDay>& history);
  double weekday_factor(const ForecastDay& day) const;

  std::array<double, 7> weekdays_;
  double month_end_ = 1;
};

inline double amount(const ForecastDay& day) { return static_cast<double>(day.cost.count()); }

}  // namespace purser::reports
