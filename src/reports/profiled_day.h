// A day of the past: what it cost, and its share of a usual day.
#pragma once

namespace purser::reports {

struct ProfiledDay {
  double cost = 0, factor = 1;
};

}  // namespace purser::reports
