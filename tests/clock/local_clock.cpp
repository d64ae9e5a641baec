#include "local_clock.h"

#include <algorithm>
#include <cstdlib>
#include <ctime>
#include <stdexcept>

namespace purser::clocks {
namespace {

using std::chrono::days;
using std::chrono::hours;
using std::chrono::seconds;

std::tm local(Instant at) {
  const std::time_t count = std::chrono::floor<seconds>(at.time_since_epoch()).count();
  std::tm shown{};
  ::localtime_r(&count, &shown);
  return shown;
}

// The first second after `from` at which the two differ, by halving.
template <typename Of>
Instant first_change(Instant from, Instant to, Of&& of) {
  const auto before = of(from);
  while (to - from > seconds{1}) {
    const Instant middle = from + std::chrono::floor<seconds>((to - from) / 2);
    (of(middle) == before ? from : to) = middle;
  }
  return to;
}

}  // namespace

LocalClock::LocalClock(const std::string& zone) {
  ::setenv("TZ", (":" + zone).c_str(), 1);
  ::tzset();
}

LocalClock::~LocalClock() {
  ::unsetenv("TZ");
  ::tzset();
}

std::int64_t LocalClock::shown_day(Instant at) const {
  const std::tm shown = local(at);
  const std::chrono::year_month_day date{
      std::chrono::year{shown.tm_year + 1900},
      std::chrono::month(static_cast<unsigned>(shown.tm_mon + 1)),
      std::chrono::day(static_cast<unsigned>(shown.tm_mday))};
  return std::chrono::sys_days{date}.time_since_epoch().count();
}

std::int64_t LocalClock::offset_seconds(Instant at) const { return local(at).tm_gmtoff; }

std::vector<LocalClock::Edge> LocalClock::edges(Instant from, Instant to) const {
  std::vector<Edge> found;
  std::int64_t newest = shown_day(from);
  begun_ = {{from, newest}};
  for (Instant hour = from; hour < to; hour += hours{1}) {
    const Instant next = hour + hours{1};
    const auto offset = [&](Instant at) { return offset_seconds(at); };
    const auto is_newer = [&](Instant at) { return shown_day(at) > newest; };
    // Within the hour, before and after the clock is set, the date changes at most once each.
    std::vector<Instant> parts{hour, next};
    if (offset(hour) != offset(next)) {
      parts.insert(parts.begin() + 1, first_change(hour, next, offset));
      found.push_back({parts[1], false});
    }
    for (std::size_t i = 0; i + 1 < parts.size(); ++i) {
      const Instant last = parts[i + 1] - seconds{i + 2 < parts.size() ? 1 : 0};
      if (!is_newer(last) && !is_newer(parts[i])) continue;
      const Instant began = is_newer(parts[i]) ? parts[i] : first_change(parts[i], last, is_newer);
      newest = shown_day(began);
      begun_.emplace_back(began, newest);
      found.push_back({began, true});
    }
  }
  std::sort(found.begin(), found.end(), [](const Edge& a, const Edge& b) {
    return std::pair(a.at, a.is_date) < std::pair(b.at, b.is_date);
  });
  return found;
}

std::int64_t LocalClock::number(Period period, Instant at) const {
  const auto after = std::upper_bound(begun_.begin(), begun_.end(), at,
                                      [](Instant i, const auto& each) { return i < each.first; });
  if (after == begun_.begin()) throw std::logic_error("before the span");
  const std::int64_t day = std::prev(after)->second;
  const std::chrono::year_month_day date{std::chrono::sys_days{days{day}}};
  const std::int64_t year = static_cast<int>(date.year());
  const std::int64_t month = year * 12 + static_cast<unsigned>(date.month()) - 1;
  switch (period) {
    case Period::day:
      return day;
    case Period::week:
      return (day + 3) / 7;  // 1970-01-01 was a Thursday
    case Period::month:
      return month;
    case Period::quarter:
      return month / 3;
    case Period::year:
      return year;
    case Period::none:
      break;
  }
  return 0;
}

}  // namespace purser::clocks
