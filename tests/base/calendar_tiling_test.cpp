// In every zone of the tz database, cycles tile 1970 to 2040. The reference is the tz library
// itself: what the clock shows at and just before each bound.
#include <date/tz.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <map>
#include <string>
#include <vector>

#include "calendar_test_support.h"

namespace purser {
namespace {

using std::chrono::days;
using std::chrono::floor;
using std::chrono::hours;
using std::chrono::nanoseconds;
using std::chrono::seconds;
using std::chrono::sys_days;
using std::chrono::sys_seconds;
using std::chrono::year_month_day;

const Instant kBegin = utc(1970, 1, 1);
const Instant kEnd = utc(2040, 1, 1);
// Behind the last transition that the files list, the library knows no summer time.
const Instant kLibraryEnd = utc(2037, 10, 1);

struct Span {
  sys_seconds begin, end;
  seconds offset;
};

struct Zone {
  std::string name;
  std::vector<Span> spans;
};

std::vector<Span> spans_of(const date::time_zone& zone) {
  std::vector<Span> spans;
  // Compared in seconds: the last stretch ends in the year 32767, beyond what nanoseconds can say.
  const sys_seconds end = floor<seconds>(utc(2041, 1, 1));
  sys_seconds at = floor<seconds>(utc(1969, 1, 1));
  while (at < end) {
    const date::sys_info info = zone.get_info(at);
    spans.push_back({at, std::min(info.end, end), info.offset});
    at = info.end;
  }
  return spans;
}

// Most of the six hundred names are links or differ before 1970 only: one name of each kind.
const std::vector<Zone>& different_zones() {
  static const std::vector<Zone> zones = [] {
    std::map<std::string, Zone> by_behaviour;
    for (const auto& zone : date::get_tzdb().zones) {
      std::vector<Span> spans = spans_of(zone);
      std::string behaviour;
      for (const Span& span : spans) {
        behaviour += std::to_string(span.begin.time_since_epoch().count()) + "+" +
                     std::to_string(span.offset.count()) + ",";
      }
      by_behaviour.emplace(behaviour, Zone{zone.name(), std::move(spans)});
    }
    std::vector<Zone> result;
    for (auto& [behaviour, zone] : by_behaviour) result.push_back(std::move(zone));
    return result;
  }();
  return zones;
}

sys_days date_shown(const Span& span, Instant instant) {
  return floor<days>(floor<seconds>(instant) + span.offset);
}

// "" if, by the library, this is the first instant at which the clock shows its date or a later
// one.
std::string fault_of_bound(const Zone& zone, Instant bound) {
  if (bound != floor<seconds>(bound)) return "not a whole second";
  const auto found =
      std::upper_bound(zone.spans.begin(), zone.spans.end(), floor<seconds>(bound),
                       [](sys_seconds instant, const Span& span) { return instant < span.end; });
  const auto at = static_cast<std::size_t>(found - zone.spans.begin());
  const sys_days date = date_shown(zone.spans[at], bound);
  const bool midnight = floor<seconds>(bound) + zone.spans[at].offset == sys_seconds{date};
  if (!midnight && zone.spans[at].begin != bound) return "neither midnight nor behind a gap";
  // At the end of every stretch of the last three days the clock showed an earlier date.
  for (std::size_t span = at + 1; span-- > 0 && zone.spans[span].end + days{3} >= bound;) {
    const Instant last = std::min<Instant>(zone.spans[span].end, bound) - nanoseconds{1};
    if (last >= zone.spans[span].begin && date_shown(zone.spans[span], last) >= date) {
      return "the clock had shown this date before";
    }
  }
  return "";
}

// Walks from one instant to another and names the first fault.
std::string fault_of_walk(const Zone& zone, const Calendar& calendar, Period period, Instant from,
                          Instant to) {
  Cycle cycle = calendar.cycle_containing(period, from);
  if (!cycle.contains(from)) return "does not contain " + format_instant(from);
  while (cycle.end < to) {
    const Cycle next = calendar.cycle_after(period, cycle.end);
    std::string fault;
    if (next.start != cycle.end) fault = "gap or overlap";
    if (next.end <= next.start) fault = "empty";
    if (calendar.cycle_containing(period, next.end - nanoseconds{1}) != next) {
      fault = "its last instant belongs elsewhere";
    }
    if (fault.empty() && next.start < kLibraryEnd) fault = fault_of_bound(zone, next.start);
    if (!fault.empty()) {
      return zone.name + ", " + std::string(name(period)) + " from " + format_instant(next.start) +
             " to " + format_instant(next.end) + ": " + fault;
    }
    cycle = next;
  }
  return "";
}

TEST(CalendarTiling, TheTzDatabaseIsThere) {
  EXPECT_GT(date::get_tzdb().zones.size(), 400u);
  EXPECT_GT(different_zones().size(), 200u);
}

TEST(CalendarTiling, EveryZoneNameIsAccepted) {
  for (const auto& zone : date::get_tzdb().zones) {
    const Result<Calendar> calendar = Calendar::make({.zone = zone.name()});
    EXPECT_TRUE(calendar.ok()) << zone.name();
  }
}

TEST(CalendarTiling, WeeksMonthsQuartersAndYearsInEveryZone) {
  int turn = 0;
  for (const Zone& zone : different_zones()) {
    // The settings go round, so that every zone is met with a few of them and each with many zones.
    ++turn;
    const Calendar calendar = *Calendar::make({.zone = zone.name,
                                               .cycle_day = turn % 2 ? 1 : turn % 28 + 1,
                                               .first_weekday = turn % 7 + 1,
                                               .first_month_of_fiscal_year = turn % 12 + 1});
    for (Period period : {Period::week, Period::month, Period::quarter, Period::year}) {
      ASSERT_EQ(fault_of_walk(zone, calendar, period, kBegin, kEnd), "");
    }
  }
}

TEST(CalendarTiling, DaysAroundEveryTransitionOfEveryZone) {
  for (const Zone& zone : different_zones()) {
    const Calendar calendar = calendar_in(zone.name);
    for (const Span& span : zone.spans) {
      if (span.begin < kBegin || span.begin > kEnd) continue;
      ASSERT_EQ(
          fault_of_walk(zone, calendar, Period::day, span.begin - days{3}, span.begin + days{3}),
          "");
    }
  }
}

TEST(CalendarTiling, EveryDayInZonesOfAllSorts) {
  int met = 0, walked = 0;
  for (const Zone& zone : different_zones()) {
    const bool odd = zone.name == "Pacific/Apia" || zone.name == "Pacific/Kwajalein" ||
                     zone.name == "America/Sao_Paulo" || zone.name == "America/St_Johns";
    if (!odd && met++ % 8 != 0) continue;
    ++walked;
    ASSERT_EQ(fault_of_walk(zone, calendar_in(zone.name), Period::day, kBegin, kEnd), "");
  }
  EXPECT_GT(walked, 20);
}

TEST(CalendarTiling, MonthsStartOnTheirCycleDay) {
  for (const Zone& zone : different_zones()) {
    const Result<Calendar> calendar = Calendar::make({.zone = zone.name, .cycle_day = 5});
    Cycle cycle = calendar->cycle_containing(Period::month, kBegin);
    while (cycle.end < kEnd) {
      cycle = calendar->cycle_after(Period::month, cycle.end);
      ASSERT_EQ(calendar->local_date(cycle.start), calendar->month_name(cycle.start) + "-05")
          << zone.name;
    }
  }
}

TEST(CalendarTiling, OffsetsAreWholeRollupBucketsSince1990) {
  for (const Zone& zone : different_zones()) {
    for (const Span& span : zone.spans) {
      if (span.end <= utc(1990, 1, 1)) continue;
      EXPECT_EQ(span.offset % std::chrono::minutes{15}, seconds{0}) << zone.name;
    }
  }
}

}  // namespace
}  // namespace purser
