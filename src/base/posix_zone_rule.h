// The rule at the end of a tz database file, for the time after the last transition that the file
// lists: "CET-1CEST,M3.5.0,M10.5.0/3" (POSIX.1-2017, XBD 8.3 "TZ", with the hours of RFC 8536
// section 3.3.1: -167 to 167). Debian's files list transitions until 2037, others' hardly any; the
// date library does not read the rule.
#pragma once

#include <chrono>
#include <optional>
#include <string_view>

namespace purser {

class PosixZoneRule {
 public:
  struct Transition {
    std::chrono::sys_seconds at;
    std::chrono::seconds offset;  // from UTC, from then on
  };
  struct TransitionsOfYear {
    Transition to_other_time, to_standard_time;  // in either order
  };

  // None where the text gives no two times to change between, in the form that zic writes.
  static std::optional<PosixZoneRule> parse(std::string_view text);

  TransitionsOfYear transitions_of(std::chrono::year year) const;

 private:
  // "M3.5.0/2": the fifth, or last, Sunday of March, at 02:00 on the clock as it runs until then.
  struct Change {
    std::chrono::month month{};
    unsigned week = 0;  // 5 is the last
    std::chrono::weekday weekday;
    std::chrono::seconds time{};
    std::chrono::sys_seconds local_in(std::chrono::year year) const;
  };
  std::chrono::seconds standard_offset_{}, other_offset_{};
  Change to_other_, to_standard_;

  friend struct PosixZoneRuleReader;
};

}  // namespace purser
