// A zone's offsets from UTC, copied out of the tz database once, so that reading the calendar takes
// no lock, does no I/O and cannot throw.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "purser/base/env.h"
#include "purser/base/result.h"

namespace purser {

class PosixZoneRule;

// The years whose rules are copied; one more on each side of the calendar's own range, since the
// fiscal year that contains its edge reaches beyond it.
inline constexpr std::chrono::sys_days kZoneRulesBegin{std::chrono::year{1968} / 1 / 1};
inline constexpr std::chrono::sys_days kZoneRulesEnd{std::chrono::year{2203} / 1 / 1};

class ZoneRules {
 public:
  // Errors: "unknown_zone".
  static Result<ZoneRules> load(const std::string& zone);

  std::chrono::seconds offset_at(Instant instant) const;
  // What the zone's clock shows, as if it were UTC.
  std::chrono::sys_seconds local_time(Instant instant) const;
  // The first instant at which the zone's clock shows this date or a later one.
  Instant first_instant_of(std::chrono::sys_days local_day) const;

 private:
  // An offset that holds from `begin` to the begin of the next one.
  struct Span {
    std::chrono::sys_seconds begin;
    std::chrono::seconds offset;
  };
  std::vector<Span> spans_;

  // Goes on by the rule after the last transition that the tz database lists.
  void go_on_by(const PosixZoneRule& rule);
  std::size_t span_at(std::chrono::sys_seconds instant) const;
};

}  // namespace purser
