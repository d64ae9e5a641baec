// Cycles worked out by hand from the tz database's own source text.
#include <gtest/gtest.h>

#include <chrono>

#include "calendar_test_support.h"

namespace purser {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::nanoseconds;

Cycle day_at(const std::string& zone, Instant instant) {
  return calendar_in(zone).cycle_containing(Period::day, instant);
}

TEST(CalendarExamples, SaoPauloSkipsMidnightSoTheDayBeginsAfterTheGap) {
  const Calendar calendar = calendar_in("America/Sao_Paulo");
  const Cycle before = calendar.cycle_containing(Period::day, utc(2018, 11, 3, 12));
  const Cycle day = calendar.cycle_containing(Period::day, utc(2018, 11, 4, 12));
  EXPECT_EQ(before, (Cycle{utc(2018, 11, 3, 3), utc(2018, 11, 4, 3)}));
  EXPECT_EQ(day, (Cycle{utc(2018, 11, 4, 3), utc(2018, 11, 5, 2)}));  // 23 hours
  EXPECT_EQ(calendar.local_text(day.start), "Nov 4, 2018 01:00 (America/Sao_Paulo)");
  // In autumn the clock went back at midnight: the day before has 25 hours.
  EXPECT_EQ(calendar.cycle_containing(Period::day, utc(2019, 2, 17, 2, 30)),
            (Cycle{utc(2019, 2, 16, 2), utc(2019, 2, 17, 3)}));
}

TEST(CalendarExamples, SamoaHadNo30December2011) {
  const Calendar calendar = calendar_in("Pacific/Apia");
  const Cycle last = calendar.cycle_containing(Period::day, utc(2011, 12, 29, 20));
  EXPECT_EQ(last, (Cycle{utc(2011, 12, 29, 10), utc(2011, 12, 30, 10)}));
  EXPECT_EQ(calendar.local_date(last.start), "2011-12-29");
  const Cycle next = calendar.cycle_after(Period::day, last.end);
  EXPECT_EQ(next, (Cycle{utc(2011, 12, 30, 10), utc(2011, 12, 31, 10)}));
  EXPECT_EQ(calendar.local_date(next.start), "2011-12-31");
}

TEST(CalendarExamples, SamoanMonthsThatWouldStartOnTheMissingDayStartOnTheNext) {
  // No cycle day reaches 30, but a week may start on that Friday.
  const Result<Calendar> calendar = Calendar::make({.zone = "Pacific/Apia", .first_weekday = 5});
  ASSERT_TRUE(calendar.ok());
  EXPECT_EQ(calendar->cycle_containing(Period::week, utc(2011, 12, 30, 10)),
            (Cycle{utc(2011, 12, 30, 10), utc(2012, 1, 5, 10)}));
}

TEST(CalendarExamples, KwajaleinHadNo21August1993) {
  const Calendar calendar = calendar_in("Pacific/Kwajalein");
  const Cycle last = calendar.cycle_containing(Period::day, utc(1993, 8, 21, 11));
  EXPECT_EQ(last, (Cycle{utc(1993, 8, 20, 12), utc(1993, 8, 21, 12)}));
  const Cycle next = calendar.cycle_after(Period::day, last.end);
  EXPECT_EQ(calendar.local_date(last.start), "1993-08-20");
  EXPECT_EQ(calendar.local_date(next.start), "1993-08-22");
  EXPECT_EQ(next.end, utc(1993, 8, 22, 12));
}

TEST(CalendarExamples, KathmanduMidnightIsAQuarterPastSixUtc) {
  EXPECT_EQ(day_at("Asia/Kathmandu", utc(2026, 12, 1)),
            (Cycle{utc(2026, 11, 30, 18, 15), utc(2026, 12, 1, 18, 15)}));
}

TEST(CalendarExamples, BeirutChangesAtMidnightBothWays) {
  EXPECT_EQ(day_at("Asia/Beirut", utc(2022, 3, 27)),
            (Cycle{utc(2022, 3, 26, 22), utc(2022, 3, 27, 21)}));
  EXPECT_EQ(day_at("Asia/Beirut", utc(2022, 10, 29, 21, 30)),
            (Cycle{utc(2022, 10, 28, 21), utc(2022, 10, 29, 22)}));
}

TEST(CalendarExamples, LordHoweShiftsByHalfAnHour) {
  EXPECT_EQ(day_at("Australia/Lord_Howe", utc(2022, 10, 2)),
            (Cycle{utc(2022, 10, 1, 13, 30), utc(2022, 10, 2, 13)}));
  EXPECT_EQ(day_at("Australia/Lord_Howe", utc(2022, 4, 3)),
            (Cycle{utc(2022, 4, 2, 13), utc(2022, 4, 3, 13, 30)}));
}

TEST(CalendarExamples, NewYorkHasDaysOf23And25Hours) {
  EXPECT_EQ(day_at("America/New_York", utc(2026, 3, 8, 12)),
            (Cycle{utc(2026, 3, 8, 5), utc(2026, 3, 9, 4)}));
  EXPECT_EQ(day_at("America/New_York", utc(2026, 11, 1, 12)),
            (Cycle{utc(2026, 11, 1, 4), utc(2026, 11, 2, 5)}));
}

TEST(CalendarExamples, DublinWhoseWinterTimeIsTheException) {
  EXPECT_EQ(day_at("Europe/Dublin", utc(2026, 3, 29, 12)),
            (Cycle{utc(2026, 3, 29), utc(2026, 3, 29, 23)}));
  EXPECT_EQ(day_at("Europe/Dublin", utc(2026, 10, 25, 12)),
            (Cycle{utc(2026, 10, 24, 23), utc(2026, 10, 26)}));
}

TEST(CalendarExamples, TrollShiftsByTwoHours) {
  EXPECT_EQ(day_at("Antarctica/Troll", utc(2026, 3, 29, 12)),
            (Cycle{utc(2026, 3, 29), utc(2026, 3, 29, 22)}));
  EXPECT_EQ(day_at("Antarctica/Troll", utc(2026, 10, 25, 12)),
            (Cycle{utc(2026, 10, 24, 22), utc(2026, 10, 26)}));
}

TEST(CalendarExamples, HavanaShowsMidnightTwiceAndTheFirstOneCounts) {
  EXPECT_EQ(day_at("America/Havana", utc(2025, 11, 2, 5, 30)),
            (Cycle{utc(2025, 11, 2, 4), utc(2025, 11, 3, 5)}));
}

TEST(CalendarExamples, InStJohnsTheClockWentBackIntoAMonthThatHadEnded) {
  // 2009-11-01, at 00:01 (02:31 UTC), back to 23:01 on 31 October.
  const Calendar calendar = calendar_in("America/St_Johns");
  const Cycle november{utc(2009, 11, 1, 2, 30), utc(2009, 12, 1, 3, 30)};
  EXPECT_EQ(calendar.cycle_containing(Period::month, utc(2009, 11, 1, 2, 30)), november);
  EXPECT_EQ(calendar.cycle_containing(Period::month, utc(2009, 11, 1, 3, 0)), november);
  EXPECT_EQ(calendar.local_date(utc(2009, 11, 1, 3, 0)), "2009-10-31");
  EXPECT_EQ(calendar.month_name(utc(2009, 11, 1, 3, 0)), "2009-11");
  EXPECT_EQ(calendar.cycle_containing(Period::month, utc(2009, 11, 1, 2, 29)).end, november.start);
}

TEST(CalendarExamples, KiritimatiLostTheLastDayOf1994) {
  const Calendar calendar = calendar_in("Pacific/Kiritimati");
  EXPECT_EQ(calendar.cycle_containing(Period::year, utc(1994, 12, 31, 10)).start,
            utc(1994, 12, 31, 10));
  EXPECT_EQ(calendar.cycle_containing(Period::day, utc(1994, 12, 31, 9)),
            (Cycle{utc(1994, 12, 30, 10), utc(1994, 12, 31, 10)}));
}

TEST(CalendarExamples, LeapDayAndYearEnd) {
  const Calendar calendar = calendar_in("Europe/Berlin");
  EXPECT_EQ(calendar.cycle_containing(Period::day, utc(2028, 2, 29, 12)),
            (Cycle{utc(2028, 2, 28, 23), utc(2028, 2, 29, 23)}));
  EXPECT_EQ(calendar.cycle_containing(Period::month, utc(2028, 2, 29, 12)),
            (Cycle{utc(2028, 1, 31, 23), utc(2028, 2, 29, 23)}));
  EXPECT_EQ(calendar.cycle_containing(Period::year, utc(2026, 12, 31, 23)),
            (Cycle{utc(2026, 12, 31, 23), utc(2027, 12, 31, 23)}));
  EXPECT_EQ(calendar.cycle_containing(Period::quarter, utc(2026, 11, 23)),
            (Cycle{utc(2026, 9, 30, 22), utc(2026, 12, 31, 23)}));
}

TEST(CalendarExamples, AnEdgeBelongsToTheCycleThatStarts) {
  const Calendar calendar = calendar_in("America/New_York");
  const Cycle december = calendar.cycle_containing(Period::month, utc(2026, 12, 15));
  EXPECT_EQ(december, (Cycle{utc(2026, 12, 1, 5), utc(2027, 1, 1, 5)}));
  const auto month = [&](Instant at) { return calendar.cycle_containing(Period::month, at); };
  EXPECT_EQ(month(december.start), december);
  EXPECT_EQ(month(december.end - nanoseconds{1}), december);
  EXPECT_EQ(month(december.start - nanoseconds{1}).end, december.start);
  EXPECT_EQ(month(december.end).start, december.end);
}

TEST(CalendarExamples, SummerTimeGoesOnAfterTheFilesLastTransition) {
  // The tz database's files list transitions until 2037 and give a rule for the time after.
  EXPECT_EQ(day_at("America/New_York", utc(2049, 7, 15, 12)),
            (Cycle{utc(2049, 7, 15, 4), utc(2049, 7, 16, 4)}));
  EXPECT_EQ(day_at("America/New_York", utc(2050, 1, 15, 12)),
            (Cycle{utc(2050, 1, 15, 5), utc(2050, 1, 16, 5)}));
  // 2190-10-31 is the last Sunday of October.
  EXPECT_EQ(day_at("Europe/Berlin", utc(2190, 10, 31, 12)),
            (Cycle{utc(2190, 10, 30, 22), utc(2190, 10, 31, 23)}));
}

}  // namespace
}  // namespace purser
