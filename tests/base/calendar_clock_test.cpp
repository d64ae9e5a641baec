// What the calendar's clock shows, against the C library's reading of the same tz database, which
// knows the rules for the years after 2037 too.
#include <date/tz.h>
#include <gtest/gtest.h>

#include <chrono>
#include <cstdlib>
#include <ctime>
#include <random>
#include <set>
#include <string>

#include "calendar_test_support.h"

namespace purser {
namespace {

using std::chrono::days;
using std::chrono::minutes;
using std::chrono::seconds;

// Switches the C library to a zone, and back at the end.
class LibraryClock {
 public:
  explicit LibraryClock(const std::string& zone) : zone_(zone) {
    ::setenv("TZ", (":" + zone).c_str(), 1);
    ::tzset();
  }
  ~LibraryClock() {
    ::unsetenv("TZ");
    ::tzset();
  }
  std::string text(Instant instant) const {
    const std::time_t count = std::chrono::floor<seconds>(instant.time_since_epoch()).count();
    std::tm local{};
    ::localtime_r(&count, &local);
    char month[8], clock[32];
    std::strftime(month, sizeof month, "%b", &local);
    std::strftime(clock, sizeof clock, ", %Y %H:%M", &local);
    return month + (" " + std::to_string(local.tm_mday)) + clock + " (" + zone_ + ")";
  }

 private:
  std::string zone_;
};

TEST(CalendarClock, ShowsInEveryZoneWhatTheSystemsClockShows) {
  std::mt19937_64 random(20261123);
  std::uniform_int_distribution<std::int64_t> second(
      0, (utc(2200, 1, 1) - utc(1970, 1, 1)) / seconds{1} - 1);
  for (const auto& zone : date::get_tzdb().zones) {
    if (zone.name() == "localtime") continue;
    const Calendar calendar = calendar_in(zone.name());
    const LibraryClock library(zone.name());
    for (int sample = 0; sample < 300; ++sample) {
      const Instant at = utc(1970, 1, 1) + seconds{second(random)};
      ASSERT_EQ(calendar.local_text(at), library.text(at));
    }
  }
}

TEST(CalendarClock, ChangesAtTheSameInstantsAfter2037) {
  int changes = 0;
  std::set<std::string> met;  // many zones have the same rule
  for (const auto& zone : date::get_tzdb().zones) {
    if (zone.name() == "localtime") continue;
    const LibraryClock library(zone.name());
    std::string behaviour;
    for (int day = 0; day < 365; day += 5) {
      behaviour += library.text(utc(2041, 1, 1) + days{day}).substr(0, 18);
    }
    if (!met.insert(behaviour).second) continue;
    const Calendar calendar = calendar_in(zone.name());
    const auto clock = [&](Instant at) { return calendar.local_text(at).substr(12); };
    for (Instant day = utc(2041, 1, 10); day < utc(2041, 12, 20); day += days{1}) {
      ASSERT_EQ(calendar.local_text(day), library.text(day));
      // Only a day in which the clock changed is looked at closely.
      if (clock(day) == clock(day + days{1})) continue;
      ++changes;
      for (Instant at = day; at < day + days{1}; at += minutes{30}) {
        ASSERT_EQ(calendar.local_text(at), library.text(at));
        ASSERT_EQ(calendar.local_text(at - seconds{1}), library.text(at - seconds{1}));
      }
    }
  }
  EXPECT_GT(changes, 50);
}

}  // namespace
}  // namespace purser
