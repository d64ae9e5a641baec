// What the calendar's tests share: a short way to write an instant and to make a calendar.
#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <ostream>
#include <string>

#include "purser/base/calendar.h"

namespace purser {

inline Instant utc(int year, unsigned month, unsigned day, int hour = 0, int minute = 0) {
  return std::chrono::sys_days{std::chrono::year{year} / month / day} + std::chrono::hours{hour} +
         std::chrono::minutes{minute};
}

inline Calendar calendar_in(const std::string& zone) {
  Result<Calendar> calendar = Calendar::make({.zone = zone});
  if (!calendar) ADD_FAILURE() << calendar.error().message;
  return *std::move(calendar);
}

// GoogleTest prints a failed comparison with it.
inline void PrintTo(const Cycle& cycle, std::ostream* out) {
  *out << "[" << format_instant(cycle.start) << ", " << format_instant(cycle.end) << ")";
}

}  // namespace purser
