// Settings, names, texts, refusals, and what happens when a setting changes between two cycles.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <array>
#include <chrono>
#include <thread>
#include <vector>

#include "calendar_test_support.h"

namespace purser {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::nanoseconds;

constexpr Period kPeriods[] = {Period::day, Period::week, Period::month, Period::quarter,
                               Period::year};

std::string refusal(const CalendarSettings& settings) {
  const Result<Calendar> calendar = Calendar::make(settings);
  return calendar.ok() ? "accepted" : calendar.error().code;
}

TEST(CalendarSettings, MonthsStartOnTheCycleDayAndAreNamedAfterTheirStart) {
  const Result<Calendar> calendar = Calendar::make({.cycle_day = 15});
  ASSERT_TRUE(calendar.ok());
  const Cycle december{utc(2026, 12, 15), utc(2027, 1, 15)};
  EXPECT_EQ(*calendar->month_named("2026-12"), december);
  EXPECT_EQ(calendar->cycle_containing(Period::month, utc(2027, 1, 14, 23)), december);
  EXPECT_EQ(calendar->month_name(utc(2027, 1, 14, 23)), "2026-12");
  EXPECT_EQ(calendar->month_name(utc(2027, 1, 15)), "2027-01");
}

TEST(CalendarSettings, QuartersAndYearsFollowTheFiscalYear) {
  const Result<Calendar> calendar =
      Calendar::make({.cycle_day = 6, .first_month_of_fiscal_year = 4});
  ASSERT_TRUE(calendar.ok());
  EXPECT_EQ(calendar->cycle_containing(Period::year, utc(2026, 4, 5)),
            (Cycle{utc(2025, 4, 6), utc(2026, 4, 6)}));
  EXPECT_EQ(calendar->cycle_containing(Period::quarter, utc(2026, 4, 5)),
            (Cycle{utc(2026, 1, 6), utc(2026, 4, 6)}));
  EXPECT_EQ(calendar->cycle_containing(Period::quarter, utc(2026, 4, 6)),
            (Cycle{utc(2026, 4, 6), utc(2026, 7, 6)}));
}

TEST(CalendarSettings, AQuarterMayStartInFebruary) {
  const Result<Calendar> calendar = Calendar::make({.first_month_of_fiscal_year = 12});
  ASSERT_TRUE(calendar.ok());
  EXPECT_EQ(calendar->cycle_containing(Period::quarter, utc(2026, 1, 10)),
            (Cycle{utc(2025, 12, 1), utc(2026, 3, 1)}));
}

TEST(CalendarSettings, WeeksStartOnTheFirstWeekday) {
  // 2026-11-23 is a Monday.
  for (int first = 1; first <= 7; ++first) {
    const Result<Calendar> calendar = Calendar::make({.first_weekday = first});
    ASSERT_TRUE(calendar.ok());
    const Instant start = utc(2026, 11, 23) + std::chrono::days{first - 1};
    EXPECT_EQ(calendar->cycle_containing(Period::week, start),
              (Cycle{start, start + std::chrono::days{7}}));
    EXPECT_EQ(calendar->cycle_containing(Period::week, start - nanoseconds{1}).end, start);
  }
}

TEST(CalendarSettings, ATaskHasOneCycleOfAllTime) {
  const Calendar calendar = calendar_in("Asia/Tokyo");
  EXPECT_EQ(calendar.cycle_containing(Period::none, utc(2026, 1, 1)),
            (Cycle{Instant::min(), Instant::max()}));
}

TEST(CalendarSettings, Refusals) {
  EXPECT_EQ(refusal({.zone = "Europe/Berlin"}), "accepted");
  EXPECT_EQ(refusal({.zone = "Mars/Olympus"}), "unknown_zone");
  EXPECT_EQ(refusal({.zone = ""}), "unknown_zone");
  EXPECT_EQ(refusal({.zone = "../../../etc/passwd"}), "unknown_zone");
  EXPECT_EQ(refusal({.cycle_day = 0}), "bad_cycle_day");
  EXPECT_EQ(refusal({.cycle_day = 29}), "bad_cycle_day");
  EXPECT_EQ(refusal({.first_weekday = 0}), "bad_first_weekday");
  EXPECT_EQ(refusal({.first_weekday = 8}), "bad_first_weekday");
  EXPECT_EQ(refusal({.first_month_of_fiscal_year = 13}), "bad_first_month");
}

TEST(CalendarSettings, AnUnknownZoneIsAnsweredWithTheOneThatWasMeant) {
  const auto message = [](const std::string& zone) {
    return Calendar::make({.zone = zone}).error().message;
  };
  EXPECT_NE(message("berlin").find("Did you mean 'Europe/Berlin'?"), std::string::npos);
  EXPECT_NE(message("New York").find("Did you mean 'America/New_York'?"), std::string::npos);
  EXPECT_NE(message("europe/berlin").find("Did you mean 'Europe/Berlin'?"), std::string::npos);
  EXPECT_NE(message("CEST").find("such as 'Europe/Berlin'"), std::string::npos);
}

TEST(CalendarSettings, MonthNames) {
  const Calendar calendar = calendar_in("Europe/Berlin");
  EXPECT_EQ(*calendar.month_named("2026-12"),
            (Cycle{utc(2026, 11, 30, 23), utc(2026, 12, 31, 23)}));
  for (const char* bad : {"", "2026", "2026-13", "2026-00", "2026-1", "2026-012", "2026/12",
                          "-026-12", "1969-12", "2200-01", "2026-12 ", "december"}) {
    const Result<Cycle> month = calendar.month_named(bad);
    ASSERT_FALSE(month.ok()) << bad;
    EXPECT_EQ(month.error().code, "bad_month");
  }
}

TEST(CalendarSettings, EveryMonthNameLeadsBackToItself) {
  const Result<Calendar> calendar = Calendar::make({.zone = "Asia/Beirut", .cycle_day = 27});
  ASSERT_TRUE(calendar.ok());
  for (int month = 1970 * 12; month < 2200 * 12 - 1; ++month) {
    char name[16];
    std::snprintf(name, sizeof name, "%04d-%02d", month / 12, month % 12 + 1);
    const Cycle cycle = *calendar->month_named(name);
    ASSERT_EQ(calendar->month_name(cycle.start), name);
    ASSERT_EQ(calendar->month_name(cycle.end - nanoseconds{1}), name);
  }
}

TEST(CalendarSettings, PeriodsHaveNames) {
  for (Period period :
       {Period::day, Period::week, Period::month, Period::quarter, Period::year, Period::none}) {
    EXPECT_EQ(*parse_period(name(period)), period);
  }
  EXPECT_EQ(name(Period::quarter), "quarter");
  EXPECT_EQ(parse_period("Month").error().code, "unknown_period");
  EXPECT_EQ(parse_period("").error().code, "unknown_period");
}

TEST(CalendarSettings, TextForRefusals) {
  const Calendar calendar = calendar_in("Europe/Berlin");
  EXPECT_EQ(calendar.local_text(utc(2026, 11, 30, 23)), "Dec 1, 2026 00:00 (Europe/Berlin)");
  EXPECT_EQ(calendar.local_date(utc(2026, 11, 30, 23)), "2026-12-01");
  EXPECT_EQ(calendar.local_date(utc(2026, 11, 30, 23) - nanoseconds{1}), "2026-11-30");
}

TEST(CalendarSettings, BeforeAndAfterItsRangeTimeIsOneLongCycle) {
  for (const char* zone : {"UTC", "Pacific/Kiritimati", "Pacific/Pago_Pago", "Africa/Monrovia"}) {
    const Calendar calendar = calendar_in(zone);
    for (Period period : kPeriods) {
      const Cycle before = calendar.cycle_containing(period, utc(1700, 1, 1));
      EXPECT_EQ(before.start, Instant::min());
      EXPECT_EQ(calendar.cycle_containing(period, Instant::min()), before);
      EXPECT_EQ(calendar.cycle_after(period, before.end).start, before.end);
      EXPECT_EQ(calendar.cycle_containing(period, before.end - nanoseconds{1}), before);
      const Cycle after = calendar.cycle_containing(period, utc(2250, 1, 1));
      EXPECT_EQ(after.end, Instant::max());
      EXPECT_EQ(calendar.cycle_containing(period, Instant::max()), after);
      EXPECT_EQ(calendar.cycle_after(period, Instant::max()).end, Instant::max());
      EXPECT_EQ(calendar.cycle_after(period, Instant::min()).end, before.end);
      EXPECT_EQ(calendar.cycle_containing(period, after.start - nanoseconds{1}).end, after.start);
    }
    EXPECT_FALSE(calendar.local_text(Instant::min()).empty());
    EXPECT_FALSE(calendar.local_text(Instant::max()).empty());
    EXPECT_FALSE(calendar.month_name(Instant::max()).empty());
  }
}

TEST(CalendarSettings, AChangedCycleDayTakesEffectAtTheStoredEnd) {
  const Instant stored_end = utc(2026, 12, 1);
  const auto first_with = [&](int cycle_day) {
    return Calendar::make({.cycle_day = cycle_day})->cycle_after(Period::month, stored_end);
  };
  EXPECT_EQ(first_with(1), (Cycle{stored_end, utc(2027, 1, 1)}));
  EXPECT_EQ(first_with(20), (Cycle{stored_end, utc(2026, 12, 20)}));
  // Two days with a whole month's limit would be a hole in the cap: they join the month behind.
  EXPECT_EQ(first_with(3), (Cycle{stored_end, utc(2027, 1, 3)}));
}

TEST(CalendarSettings, AChangedZoneMakesNoMonthOfSixHours) {
  const Instant stored_end = calendar_in("Europe/Berlin").month_named("2026-11")->end;
  EXPECT_EQ(calendar_in("America/New_York").cycle_after(Period::month, stored_end),
            (Cycle{utc(2026, 11, 30, 23), utc(2027, 1, 1, 5)}));
}

TEST(CalendarSettings, AfterAnIdleTimeTheCycleIsTheOneOfNow) {
  const Calendar calendar = calendar_in("UTC");
  const Instant stored_end = utc(2026, 12, 1, 7);  // from another zone
  const Cycle first{stored_end, utc(2027, 1, 1)};
  EXPECT_EQ(calendar.cycle_after(Period::month, stored_end, utc(2026, 12, 9)), first);
  EXPECT_EQ(calendar.cycle_after(Period::month, stored_end, utc(2026, 11, 9)), first);
  EXPECT_EQ(calendar.cycle_after(Period::month, stored_end, first.end),
            (Cycle{first.end, utc(2027, 2, 1)}));
  EXPECT_EQ(calendar.cycle_after(Period::month, stored_end, utc(2029, 5, 5)),
            (Cycle{utc(2029, 5, 1), utc(2029, 6, 1)}));
}

RC_GTEST_PROP(CalendarSettings, CyclesTileAcrossChangesOfSettings, ()) {
  static const std::vector<std::string> kZones = {
      "UTC",           "Europe/Berlin",     "America/New_York",  "Pacific/Kiritimati",
      "Pacific/Apia",  "America/Sao_Paulo", "Pacific/Pago_Pago", "America/St_Johns",
      "Asia/Kathmandu"};
  const Period period =
      *rc::gen::elementOf(std::vector<Period>(std::begin(kPeriods), std::end(kPeriods)));
  Instant at = utc(1990, 1, 1) + hours{*rc::gen::inRange(0, 50 * 365 * 24)};
  for (int change = 0; change < 6; ++change) {
    const Calendar calendar =
        *Calendar::make({.zone = *rc::gen::elementOf(kZones),
                         .cycle_day = *rc::gen::inRange(1, 29),
                         .first_weekday = *rc::gen::inRange(1, 8),
                         .first_month_of_fiscal_year = *rc::gen::inRange(1, 13)});
    const Duration regular = [&] {
      const Cycle cycle = calendar.cycle_containing(period, at);
      return cycle.end - cycle.start;
    }();
    const Cycle first = calendar.cycle_after(period, at);
    RC_ASSERT(first.start == at);
    // At least a quarter of a cycle, at most a quarter more than the longest there is.
    const std::chrono::days longest{
        std::array{1, 7, 31, 92, 366}[static_cast<std::size_t>(period)]};
    RC_ASSERT(first.end - first.start >= regular / 4 - minutes{1});
    RC_ASSERT(first.end - first.start <= hours{longest} * 5 / 4 + hours{3});
    // From there on cycles are regular.
    RC_ASSERT(calendar.cycle_containing(period, first.end).start == first.end);
    RC_ASSERT(calendar.cycle_after(period, first.end) ==
              calendar.cycle_containing(period, first.end));
    at = first.end;
  }
}

TEST(CalendarSettings, RollupBuckets) {
  EXPECT_EQ(rollup_bucket(utc(2026, 11, 23, 15, 44)), utc(2026, 11, 23, 15, 30));
  EXPECT_EQ(rollup_bucket(utc(2026, 11, 23, 15, 45)), utc(2026, 11, 23, 15, 45));
  EXPECT_EQ(rollup_bucket(utc(2026, 11, 23, 15, 45) - nanoseconds{1}), utc(2026, 11, 23, 15, 30));
  EXPECT_EQ(rollup_bucket(utc(1969, 12, 31, 23, 59)), utc(1969, 12, 31, 23, 45));
  EXPECT_LE(rollup_bucket(Instant::min()), Instant::min() + minutes{15});
}

TEST(CalendarSettings, ManyThreadsMayAskAndMake) {
  const Calendar shared = calendar_in("Europe/Berlin");
  std::vector<std::thread> threads;
  std::vector<int> wrong(4, 0);
  for (std::size_t thread = 0; thread < wrong.size(); ++thread) {
    threads.emplace_back([&, thread] {
      for (int day = 0; day < 200; ++day) {
        const Instant at = utc(2026, 1, 1) + std::chrono::days{day};
        const Calendar own = *Calendar::make({.zone = "Europe/Berlin"});
        wrong[thread] +=
            own.cycle_containing(Period::day, at) != shared.cycle_containing(Period::day, at);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(wrong, std::vector<int>(4, 0));
}

}  // namespace
}  // namespace purser
