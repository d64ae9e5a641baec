// What a zone's clock shows, by the C library's reading of the tz database: none of the product's
// code, so that it can be asked what is right.
#pragma once

#include <string>
#include <vector>

#include "purser/base/calendar.h"

namespace purser::clocks {

class LocalClock {
 public:
  // Switches the process to the zone; one at a time.
  explicit LocalClock(const std::string& zone);
  ~LocalClock();
  LocalClock(const LocalClock&) = delete;
  LocalClock& operator=(const LocalClock&) = delete;

  // Where dates begin and where the clock is set: every such instant of a span, in order. A date
  // begins once, even where the clock goes back over midnight.
  struct Edge {
    Instant at;
    bool is_date = false;  // else the clock is set
  };
  std::vector<Edge> edges(Instant from, Instant to) const;

  // A number of the period that contains the instant, by the date that has begun last; the same
  // for two instants if they lie in one cycle. For instants within the span of `edges`.
  std::int64_t number(Period period, Instant at) const;

 private:
  std::int64_t shown_day(Instant at) const;
  std::int64_t offset_seconds(Instant at) const;
  // Days since 1970 by when they began.
  mutable std::vector<std::pair<Instant, std::int64_t>> begun_;
};

}  // namespace purser::clocks
