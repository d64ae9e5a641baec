// The forecast against what came: made-up histories of six kinds, 200 seeds of each, at six points
// of a cycle of 30 days. These seeds were not looked at when the formula was made.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "forecast_histories.h"

namespace purser::reports {
namespace {

constexpr int kSeeds = 200;
constexpr double kPoints[] = {2.5, 5.5, 9.5, 14.5, 19.5, 24.5};

// Errors are shares of what the cycle came to, so that a dear scope counts no more than a cheap
// one.
struct Score {
  double error = 0, straight_line_error = 0, width = 0;
  int within = 0, below = 0, count = 0;

  void add(const Forecast& forecast, Nanos came) {
    const auto share = [&](Nanos amount) {
      return static_cast<double>(amount.count()) / static_cast<double>(came.count());
    };
    error += std::abs(share(forecast.total) - 1);
    straight_line_error += std::abs(share(forecast.straight_line) - 1);
    width += share(forecast.high) - share(forecast.low);
    within += forecast.low <= came && came <= forecast.high;
    below += came < forecast.low;
    ++count;
  }
  double mean(double sum) const { return 100 * sum / count; }
  double coverage() const { return 100.0 * within / count; }
};

struct Record {
  int better = 0;  // histories on which it beats the straight line
  double coverage = 0;
};

Record back_test(int days_before) {
  std::printf("%2d days of history before the cycle, %d seeds, %zu points of the cycle; in %%:\n",
              days_before, kSeeds, std::size(kPoints));
  std::printf("  %-13s %12s %14s %9s %10s %11s\n", "history", "mean error", "straight line",
              "in range", "below it", "its width");
  Record record;
  int within = 0, count = 0;
  for (const History history : kHistories) {
    Score score;
    for (int seed = 1; seed <= kSeeds; ++seed) {
      const MadeHistory made = make_history(history, static_cast<std::uint64_t>(seed), days_before);
      for (const double point : kPoints)
        score.add(compute_forecast(seen_at(made, point)), total_of(made));
    }
    std::printf("  %-13s %12.1f %14.1f %9.1f %10.1f %11.1f\n", std::string(name(history)).c_str(),
                score.mean(score.error), score.mean(score.straight_line_error), score.coverage(),
                100.0 * score.below / score.count, score.mean(score.width));
    record.better += score.error < score.straight_line_error;
    within += score.within;
    count += score.count;
  }
  record.coverage = 100.0 * within / count;
  std::printf("  better than the straight line on %d of 6; pooled, %.1f %% in range\n",
              record.better, record.coverage);
  return record;
}

class ForecastRecord : public ::testing::TestWithParam<int> {};

TEST_P(ForecastRecord, BeatsTheStraightLineAndItsRangeHolds) {
  const Record record = back_test(GetParam());
  EXPECT_GE(record.better, 5);
  EXPECT_GE(record.coverage, 70);
  EXPECT_LE(record.coverage, 90);
}
INSTANTIATE_TEST_SUITE_P(History, ForecastRecord, ::testing::Values(60, 45, 28, 14));

// What nobody can know yet cannot be in the range; it has to be of use all the same.
TEST(ForecastWithoutHistory, IsNotMuchWorseThanTheStraightLine) {
  const Record record = back_test(0);
  EXPECT_GE(record.better, 3);
  EXPECT_GE(record.coverage, 60);
}

ForecastDay day(int number, double cost, int weekday = 0) {
  ForecastDay out;
  const Instant first = std::chrono::sys_days{std::chrono::year{2026} / 6 / 1};
  out.day = {first + number * std::chrono::hours(24),
             first + (number + 1) * std::chrono::hours(24)};
  out.weekday = weekday > 0 ? weekday : number % 7 + 1;
  out.days_to_month_end = 29 - number % 30;
  out.cost = Nanos{std::llround(cost * kNanosPerUsd)};
  return out;
}

// Noon of day `today` in a cycle of so many days that began at day 0.
ForecastInput at_noon(int today, int cycle_days, const std::vector<double>& costs,
                      double today_cost) {
  ForecastInput input;
  for (int at = 0; at < today; ++at) {
    input.history.push_back(day(at, costs[static_cast<std::size_t>(at) % costs.size()]));
    input.spent += input.history.back().cost;
  }
  input.today = day(today, today_cost);
  input.spent += input.today.cost;
  input.today_part_gone = 0.5;
  input.now = input.today.day.start + std::chrono::hours(12);
  for (int at = today + 1; at < cycle_days; ++at) input.days_left.push_back(day(at, 0));
  input.cycle_part_gone = (today + 0.5) / cycle_days;
  return input;
}

double usd_of(Nanos amount) { return static_cast<double>(amount.count()) / kNanosPerUsd; }

TEST(Forecast, OfTheSameEveryDayIsThat) {
  const Forecast forecast = compute_forecast(at_noon(10, 30, {10}, 5));
  EXPECT_NEAR(usd_of(forecast.total), 300, 0.5);
  EXPECT_NEAR(usd_of(forecast.straight_line), 300, 0.01);
  EXPECT_LE(forecast.low, forecast.total);
  EXPECT_GE(forecast.high, forecast.total);
}

TEST(Forecast, KnowsThatWeekendsAreFree) {
  // Day 14 is a Monday; 16 days are left, 12 of them working days.
  const Forecast forecast = compute_forecast(at_noon(14, 30, {10, 10, 10, 10, 10, 0, 0}, 5));
  EXPECT_NEAR(usd_of(forecast.total), 100 + 10 + 110, 12);
}

TEST(Forecast, OfNothingIsNothing) {
  const ForecastInput input = at_noon(10, 30, {0}, 0);
  const Forecast forecast = compute_forecast(input);
  EXPECT_EQ(forecast.total, Nanos{});
  EXPECT_EQ(forecast.high, Nanos{});
  EXPECT_EQ(forecast.straight_line, Nanos{});
  EXPECT_EQ(instant_of_running_out(input, Nanos{1}), std::nullopt);
}

TEST(Forecast, GoesOnAtTodaysRateWhereThereIsNoHistory) {
  const ForecastInput input = at_noon(0, 30, {1}, 5);
  const Forecast forecast = compute_forecast(input);
  EXPECT_NEAR(usd_of(forecast.total), 300, 1);
  EXPECT_LT(usd_of(forecast.low), 200);  // and says how little it knows
  EXPECT_GT(usd_of(forecast.high), 500);
}

TEST(Forecast, OfTheFirstMinuteIsFinite) {
  ForecastInput input = at_noon(0, 30, {1}, 1000);
  input.today_part_gone = 0;
  input.cycle_part_gone = 0;
  const Forecast forecast = compute_forecast(input);
  EXPECT_LE(forecast.total, kMaxAmount);
  EXPECT_GE(forecast.total, input.spent);
  EXPECT_LE(forecast.high, kMaxAmount);
}

TEST(Forecast, OfAFirstDayThatIsTheLastOneTooLiesWithinItsRange) {
  ForecastInput input = at_noon(0, 1, {1}, 2);
  for (const double gone : {0.1, 0.5, 0.73, 0.95, 0.999}) {
    input.today_part_gone = gone;
    const Forecast forecast = compute_forecast(input);
    EXPECT_LE(forecast.low, forecast.total) << gone;
    EXPECT_GT(forecast.high, forecast.total) << gone;
  }
}

TEST(Forecast, KnowsOnItsFirstDayThatSomebodyIdleHasBegun) {
  const Forecast forecast = compute_forecast(at_noon(9, 30, {1, 0, 0, 0, 0, 0, 0, 0, 0, 0}, 5));
  EXPECT_GT(usd_of(forecast.total), 7);
  EXPECT_GT(usd_of(forecast.high), 10);
  EXPECT_LT(forecast.low, forecast.total);
}

TEST(Forecast, IsNeverBelowWhatIsSpentNorAboveWhatAnAmountMayBe) {
  for (const History history : kHistories) {
    for (std::uint64_t seed = 5001; seed < 5040; ++seed) {
      const MadeHistory made = make_history(history, seed, static_cast<int>(seed % 20));
      for (const double point : {0.0, 0.01, 0.7, 3.3, 11.0, 29.99}) {
        const ForecastInput input = seen_at(made, point);
        const Forecast forecast = compute_forecast(input);
        EXPECT_LE(input.spent, forecast.low);
        EXPECT_LE(forecast.low, forecast.total);
        EXPECT_LE(forecast.total, forecast.high);
        EXPECT_LE(input.spent, forecast.total);
        EXPECT_LE(forecast.total, kMaxAmount);
      }
    }
  }
}

TEST(RunningOut, IsWhenTheExpectedReachesTheLimit) {
  const ForecastInput input = at_noon(10, 30, {10}, 5);  // 105 spent, 10 a day
  const auto days_after = [&](Nanos limit) {
    const auto when = instant_of_running_out(input, limit);
    return when ? std::chrono::duration<double, std::ratio<86400>>(*when - input.now).count() : -1;
  };
  EXPECT_NEAR(days_after(Nanos{110 * kNanosPerUsd}), 0.5, 0.05);
  EXPECT_NEAR(days_after(Nanos{150 * kNanosPerUsd}), 4.5, 0.05);
  EXPECT_NEAR(days_after(Nanos{295 * kNanosPerUsd}), 19, 0.1);
  EXPECT_EQ(days_after(Nanos{105 * kNanosPerUsd}), 0);
  EXPECT_EQ(days_after(Nanos{1}), 0);
  EXPECT_EQ(days_after(Nanos{310 * kNanosPerUsd}), -1);
}

// It agrees with the total: a limit just below is reached, one just above is not.
TEST(RunningOut, AgreesWithTheTotal) {
  for (const History history : kHistories) {
    for (std::uint64_t seed = 6001; seed < 6020; ++seed) {
      const ForecastInput input = seen_at(make_history(history, seed, 30), 12.6);
      const Nanos total = compute_forecast(input).total;
      EXPECT_EQ(instant_of_running_out(input, total + Nanos{1000}), std::nullopt);
      const auto before = instant_of_running_out(input, total - Nanos{1000});
      ASSERT_TRUE(before.has_value());
      EXPECT_LE(input.now, *before);
      EXPECT_LE(*before, input.days_left.back().day.end);
    }
  }
}

}  // namespace
}  // namespace purser::reports
