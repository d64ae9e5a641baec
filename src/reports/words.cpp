#include "purser/reports/words.h"

#include <array>
#include <cctype>
#include <cmath>

namespace purser::reports {
namespace {

constexpr std::array<const char*, 7> kWeekdays = {"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"};
constexpr std::array<const char*, 12> kMonths = {"January",   "February", "March",    "April",
                                                 "May",       "June",     "July",     "August",
                                                 "September", "October",  "November", "December"};

// A hair is added, since 0.8 as a quotient may be just below it.
std::string percent(double part) {
  return std::to_string(static_cast<std::int64_t>(std::floor(part * 100 + 1e-9))) + " %";
}

// "15:00" of "Nov 19, 2026 15:00 (Europe/Berlin)".
std::string time_text(Instant instant, const Calendar& calendar) {
  const std::string text = calendar.local_text(instant);
  const auto zone = text.find(" (");
  return zone == std::string::npos || zone < 5 ? text : text.substr(zone - 5);
}

}  // namespace

std::string usd_text(Nanos amount) { return "USD " + format_usd_cents_up(amount); }

std::string_view pace_words(PaceState state) {
  switch (state) {
    case PaceState::behind:
      return "behind pace";
    case PaceState::on_pace:
      return "on pace";
    case PaceState::ahead:
      return "ahead of pace";
  }
  return "";
}

std::string_view name(PaceState state) {
  switch (state) {
    case PaceState::behind:
      return "behind";
    case PaceState::on_pace:
      return "on_pace";
    case PaceState::ahead:
      return "ahead";
  }
  return "";
}

std::string pace_text(const Pace& pace) {
  return percent(pace.limit_part_spent) + " of the limit is spent and " +
         percent(pace.cycle_part_gone) + " of the " + std::string(name(pace.period)) +
         " is gone: " + std::string(pace_words(pace.state));
}

std::string run_out_text(const std::optional<Instant>& when, Instant now, Period period,
                         const Calendar& calendar) {
  const std::string velocity = "at the current velocity it ";
  if (!when) return velocity + "does not run out before the " + std::string(name(period)) + " ends";
  if (*when <= now) return "it has run out";
  if (calendar.local_date(*when) == calendar.local_date(now))
    return velocity + "runs out today at about " + time_text(*when, calendar);
  return velocity + "runs out on " + day_text(*when, now, calendar);
}

std::string forecast_text(const Forecast& forecast, Period period) {
  return "about " + usd_text(forecast.total) + " are expected by the end of the " +
         std::string(name(period)) + ", probably between " + usd_text(forecast.low) + " and " +
         usd_text(forecast.high);
}

std::string sentence(std::string text) {
  if (text.empty()) return text;
  text[0] = static_cast<char>(std::toupper(static_cast<unsigned char>(text[0])));
  return text + ".";
}

std::string_view no_cycle_text() {
  return "a task's cap has no cycle, so there is no pace and no forecast";
}

std::string day_text(Instant instant, Instant now, const Calendar& calendar) {
  const std::string date = calendar.local_date(instant);  // 2026-11-19
  const int month = std::stoi(date.substr(5, 2)), day = std::stoi(date.substr(8, 2));
  const std::chrono::weekday weekday{
      std::chrono::sys_days{std::chrono::year{std::stoi(date.substr(0, 4))} / month / day}};
  std::string text = std::string(kWeekdays[weekday.iso_encoding() - 1]) + " " +
                     std::to_string(day) + " " + kMonths[static_cast<std::size_t>(month - 1)];
  if (date.substr(0, 4) != calendar.local_date(now).substr(0, 4)) text += " " + date.substr(0, 4);
  return text;
}

}  // namespace purser::reports
