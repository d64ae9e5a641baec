#include "purser/base/calendar.h"

#include <array>
#include <chrono>
#include <cstdio>

#include "purser/base/text.h"
#include "zone_rules.h"

namespace purser {
namespace {

using std::chrono::days;
using std::chrono::floor;
using std::chrono::seconds;
using std::chrono::sys_days;
using std::chrono::year_month_day;

constexpr Instant kFirstInstant = sys_days{std::chrono::year{1970} / 1 / 1};
constexpr Instant kLastInstant = sys_days{std::chrono::year{2200} / 1 / 1};

constexpr std::array<std::string_view, 6> kPeriodNames = {"day",     "week", "month",
                                                          "quarter", "year", "none"};

std::int64_t floor_divide(std::int64_t dividend, std::int64_t divisor) {
  return dividend / divisor - (dividend % divisor < 0 ? 1 : 0);
}

int months_of(Period period) {
  if (period == Period::quarter) return 3;
  return period == Period::year ? 12 : 1;
}

// Which cycle dates there are, as plain dates; zones come in later. The cycle dates of a period are
// numbered; number n + 1 is the date after number n.
struct CycleDates {
  Period period;
  const CalendarSettings& settings;

  // The first `first_weekday` on or after 1970-01-01, a Thursday (4).
  std::int64_t first_week_day() const { return (settings.first_weekday - 4 + 7) % 7; }
  std::int64_t first_month() const {
    return period == Period::month ? 0 : settings.first_month_of_fiscal_year - 1;
  }

  sys_days date_of(std::int64_t number) const {
    if (period == Period::day) return sys_days{days{number}};
    if (period == Period::week) return sys_days{days{number * 7 + first_week_day()}};
    const std::int64_t month = number * months_of(period) + first_month();
    const std::int64_t year = floor_divide(month, 12);
    return std::chrono::year{static_cast<int>(year)} /
           std::chrono::month{static_cast<unsigned>(month - year * 12) + 1} /
           std::chrono::day{static_cast<unsigned>(settings.cycle_day)};
  }

  // The number of the last cycle date that is not after this date.
  std::int64_t number_at(sys_days date) const {
    const std::int64_t day = date.time_since_epoch().count();
    if (period == Period::day) return day;
    if (period == Period::week) return floor_divide(day - first_week_day(), 7);
    const year_month_day shown{date};
    std::int64_t month = int{shown.year()} * std::int64_t{12} + (unsigned{shown.month()} - 1);
    if (static_cast<int>(unsigned{shown.day()}) < settings.cycle_day) --month;
    return floor_divide(month - first_month(), months_of(period));
  }
};

Error out_of_range(std::string code, std::string setting, int value, int least, int most) {
  return Error{.code = std::move(code),
               .message = setting + " is " + std::to_string(value) + "; it must be from " +
                          std::to_string(least) + " to " + std::to_string(most) + ".",
               .side = Side::client};
}

// "2026-12" → months since year 0, or -1.
int parse_month(std::string_view text) {
  if (text.size() != 7 || text[4] != '-') return -1;
  int number[2] = {0, 0};
  for (std::size_t at = 0; at < 7; ++at) {
    if (at == 4) continue;
    if (text[at] < '0' || text[at] > '9') return -1;
    int& part = number[at > 4];
    part = part * 10 + (text[at] - '0');
  }
  const auto [year, month] = number;
  if (year < 1970 || year >= 2200 || month < 1 || month > 12) return -1;
  return year * 12 + month - 1;
}

}  // namespace

struct Calendar::State {
  CalendarSettings settings;
  ZoneRules rules;

  CycleDates dates(Period period) const { return {period, settings}; }

  struct Numbered {
    std::int64_t number;
    Cycle cycle;
  };

  Instant start_of(const CycleDates& dates, std::int64_t number) const {
    return rules.first_instant_of(dates.date_of(number));
  }

  // The date on the clock is a first guess, and never too late: a cycle whose date is shown has
  // begun. It may be too early: where the clock goes back over midnight, it shows yesterday's date
  // in a day that has begun; and a day that never existed is an empty cycle, to be stepped over.
  Numbered containing(Period period, Instant instant) const {
    const CycleDates of_period = dates(period);
    std::int64_t number = of_period.number_at(floor<days>(rules.local_time(instant)));
    Cycle cycle{start_of(of_period, number), start_of(of_period, number + 1)};
    while (cycle.end <= instant) {
      cycle = {cycle.end, start_of(of_period, ++number + 1)};
    }
    return {number, cycle};
  }
};

Calendar::Calendar(std::shared_ptr<const State> state) : state_(std::move(state)) {}

Result<Calendar> Calendar::make(const CalendarSettings& settings) {
  if (settings.cycle_day < 1 || settings.cycle_day > 28) {
    return out_of_range("bad_cycle_day", "The cycle day", settings.cycle_day, 1, 28);
  }
  if (settings.first_weekday < 1 || settings.first_weekday > 7) {
    return out_of_range("bad_first_weekday", "The first weekday (1 is Monday)",
                        settings.first_weekday, 1, 7);
  }
  if (settings.first_month_of_fiscal_year < 1 || settings.first_month_of_fiscal_year > 12) {
    return out_of_range("bad_first_month", "The first month of the fiscal year",
                        settings.first_month_of_fiscal_year, 1, 12);
  }
  Result<ZoneRules> rules = ZoneRules::load(settings.zone);
  if (!rules) return rules.error();
  return Calendar{std::make_shared<const State>(State{settings, *std::move(rules)})};
}

const CalendarSettings& Calendar::settings() const { return state_->settings; }

Cycle Calendar::cycle_containing(Period period, Instant instant) const {
  if (period == Period::none) return {Instant::min(), Instant::max()};
  if (instant < kFirstInstant) {
    const Cycle first = state_->containing(period, kFirstInstant).cycle;
    return instant < first.start ? Cycle{Instant::min(), first.start} : first;
  }
  if (instant >= kLastInstant) {
    const Cycle last = state_->containing(period, kLastInstant).cycle;
    return instant >= last.end ? Cycle{last.end, Instant::max()} : last;
  }
  return state_->containing(period, instant).cycle;
}

Cycle Calendar::cycle_after(Period period, Instant stored_end) const {
  const Cycle regular = cycle_containing(period, stored_end);
  if (regular.start == stored_end || regular.end == Instant::max()) {
    return {stored_end, regular.end};
  }
  // In seconds, since nanoseconds would overflow over the long cycle before 1970.
  const seconds piece = floor<seconds>(regular.end) - floor<seconds>(stored_end);
  const seconds whole = floor<seconds>(regular.end) - floor<seconds>(regular.start);
  if (piece >= whole / 4) return {stored_end, regular.end};
  return {stored_end, cycle_containing(period, regular.end).end};
}

Cycle Calendar::cycle_after(Period period, Instant stored_end, Instant now) const {
  const Cycle first = cycle_after(period, stored_end);
  return now < first.end ? first : cycle_containing(period, now);
}

Result<Cycle> Calendar::month_named(std::string_view month) const {
  const int number = parse_month(month);
  if (number < 0) {
    return Error{.code = "bad_month",
                 .message = "'" + std::string(month.substr(0, 32)) +
                            "' is not a month. Write the year and the month in which it starts, "
                            "such as 2026-12, from 1970-01 to 2199-12.",
                 .side = Side::client};
  }
  const CycleDates months = state_->dates(Period::month);
  return Cycle{state_->start_of(months, number), state_->start_of(months, number + 1)};
}

std::string Calendar::month_name(Instant instant) const {
  const Instant inside = std::min(std::max(instant, kFirstInstant), kLastInstant);
  const std::int64_t number = state_->containing(Period::month, inside).number;
  char text[16];
  std::snprintf(text, sizeof text, "%04d-%02d", static_cast<int>(number / 12),
                static_cast<int>(number % 12 + 1));
  return text;
}

std::string Calendar::local_date(Instant instant) const {
  const year_month_day shown{floor<days>(state_->rules.local_time(instant))};
  char text[16];
  std::snprintf(text, sizeof text, "%04d-%02u-%02u", int{shown.year()}, unsigned{shown.month()},
                unsigned{shown.day()});
  return text;
}

std::string Calendar::local_text(Instant instant) const {
  static constexpr std::array<const char*, 12> kMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                          "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const auto local = state_->rules.local_time(instant);
  const year_month_day shown{floor<days>(local)};
  const std::chrono::hh_mm_ss clock{local - floor<days>(local)};
  std::string text = kMonths[unsigned{shown.month()} - 1];
  const auto add = [&text](const char* before, auto number, int width) {
    text += before;
    append_digits(text, static_cast<std::uint64_t>(number), width);
  };
  add(" ", unsigned{shown.day()}, 1);
  add(", ", int{shown.year()}, 1);
  add(" ", clock.hours().count(), 2);
  add(":", clock.minutes().count(), 2);
  return text + " (" + state_->settings.zone + ")";
}

std::string_view name(Period period) { return kPeriodNames[static_cast<std::size_t>(period)]; }

Result<Period> parse_period(std::string_view text) {
  for (std::size_t at = 0; at < kPeriodNames.size(); ++at) {
    if (text == kPeriodNames[at]) return static_cast<Period>(at);
  }
  return Error{.code = "unknown_period",
               .message = "'" + std::string(text.substr(0, 32)) +
                          "' is not a period. It is one of day, week, month, quarter and year.",
               .side = Side::client};
}

Instant rollup_bucket(Instant instant) {
  constexpr Duration kBucket = std::chrono::minutes{15};
  const Duration since = std::max(instant.time_since_epoch(), Duration::min() + kBucket);
  const Duration rest = since % kBucket;
  return Instant{since - (rest < Duration{0} ? rest + kBucket : rest)};
}

}  // namespace purser
