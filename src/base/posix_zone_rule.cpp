#include "posix_zone_rule.h"

#include <charconv>

namespace purser {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;
using std::chrono::sys_days;
using std::chrono::sys_seconds;

// Takes the text apart from the front; every step says whether it found what it wanted.
struct PosixZoneRuleReader {
  std::string_view rest;

  bool take(char wanted) {
    if (rest.empty() || rest[0] != wanted) return false;
    rest.remove_prefix(1);
    return true;
  }

  bool number(int most, int& value) {
    const auto [end, error] = std::from_chars(rest.data(), rest.data() + rest.size(), value);
    if (error != std::errc{} || value < 0 || value > most || rest[0] == '-') return false;
    rest.remove_prefix(static_cast<std::size_t>(end - rest.data()));
    return true;
  }

  // "CET" or "<+0330>"; what it is called does not matter here.
  bool abbreviation() {
    const bool bracketed = take('<');
    const std::size_t end = bracketed ? rest.find('>') : rest.find_first_of("+-0123456789,");
    if (end == std::string_view::npos || end == 0) return false;
    rest.remove_prefix(bracketed ? end + 1 : end);
    return true;
  }

  // "-1", "3:30", "26", "-9:30:00"
  bool signed_time(seconds& value) {
    const bool negative = take('-');
    if (!negative) take('+');
    int hour = 0, minute = 0, second = 0;
    if (!number(167, hour)) return false;
    if (take(':') && !number(59, minute)) return false;
    if (take(':') && !number(59, second)) return false;
    value = hours{hour} + minutes{minute} + seconds{second};
    if (negative) value = -value;
    return true;
  }

  bool change(PosixZoneRule::Change& value) {
    int month = 0, week = 0, weekday = 0;
    if (!take(',') || !take('M') || !number(12, month) || !take('.') || !number(5, week) ||
        !take('.') || !number(6, weekday) || month == 0 || week == 0) {
      return false;
    }
    value.month = std::chrono::month{static_cast<unsigned>(month)};
    value.week = static_cast<unsigned>(week);
    value.weekday = std::chrono::weekday{static_cast<unsigned>(weekday)};
    value.time = hours{2};
    return !take('/') || signed_time(value.time);
  }
};

std::optional<PosixZoneRule> PosixZoneRule::parse(std::string_view text) {
  PosixZoneRule rule;
  PosixZoneRuleReader reader{text};
  // The text counts westward.
  seconds west{};
  if (!reader.abbreviation() || !reader.signed_time(west)) return std::nullopt;
  rule.standard_offset_ = -west;
  if (!reader.abbreviation()) return std::nullopt;
  rule.other_offset_ = rule.standard_offset_ + hours{1};
  if (!reader.rest.empty() && reader.rest[0] != ',') {
    if (!reader.signed_time(west)) return std::nullopt;
    rule.other_offset_ = -west;
  }
  if (!reader.change(rule.to_other_) || !reader.change(rule.to_standard_)) return std::nullopt;
  if (!reader.rest.empty()) return std::nullopt;
  return rule;
}

sys_seconds PosixZoneRule::Change::local_in(std::chrono::year year) const {
  const sys_days day = week == 5 ? sys_days{year / month / weekday[std::chrono::last]}
                                 : sys_days{year / month / weekday[week]};
  return day + time;
}

PosixZoneRule::TransitionsOfYear PosixZoneRule::transitions_of(std::chrono::year year) const {
  return {{to_other_.local_in(year) - standard_offset_, other_offset_},
          {to_standard_.local_in(year) - other_offset_, standard_offset_}};
}

}  // namespace purser
