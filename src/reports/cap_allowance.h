// What the hard caps of one scope allow over a stretch of time, as `exposure.h` defines it.
#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "purser/base/calendar.h"
#include "purser/reports/exposure.h"

namespace purser::reports {

struct Allowance {
  Nanos amount;         // at most kExposureCeiling
  std::size_t cap = 0;  // which of the caps allows least
  // All caps are monthly, in the month's own cycle, and no limit lies below what is held.
  bool exact = false;
};

// None where the scope has no hard cap. `used` is what the scope has spent and held in the month.
std::optional<Allowance> allowance_of(const std::vector<ExposureCap>& hard_caps,
                                      const Calendar& calendar, const Cycle& month, Nanos used);

// A sum that stops at kExposureCeiling. Both amounts are at least 0.
Nanos add_up_to_ceiling(Nanos a, Nanos b);

}  // namespace purser::reports
