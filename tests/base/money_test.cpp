#include "purser/base/money.h"

#include <gtest/gtest.h>

#include <limits>

namespace purser {
namespace {

TEST(Money, ParsesExactDecimals) {
  EXPECT_EQ(parse_usd("150")->count(), 150'000'000'000);
  EXPECT_EQ(parse_usd("0.000000001")->count(), 1);
  EXPECT_EQ(parse_usd("12.5")->count(), 12'500'000'000);
  EXPECT_EQ(*parse_usd("1000000000"), kMaxAmount);
}

TEST(Money, RefusesWhatIsNotAnAmount) {
  for (const char* text :
       {"", ".", "1.", ".5", "-1", "+1", "1e3", "1,000", " 1", "1 ", "0.0000000001", "1000000000.1",
        "99999999999999999999", "NaN", "1.2.3", "0x10"})
    EXPECT_FALSE(parse_usd(text)) << text;
}

TEST(Money, FormatsExactly) {
  EXPECT_EQ(format_usd(Nanos{0}), "0");
  EXPECT_EQ(format_usd(Nanos{1}), "0.000000001");
  EXPECT_EQ(format_usd(Nanos{12'500'000'000}), "12.5");
  EXPECT_EQ(format_usd(Nanos{100'000'000'000}), "100");
  EXPECT_EQ(format_usd(Nanos{-3'000'000'001}), "-3.000000001");
  EXPECT_EQ(format_usd(Nanos{std::numeric_limits<std::int64_t>::min()}), "-9223372036.854775808");
}

TEST(Money, FormatsCentsAwayFromZero) {
  EXPECT_EQ(format_usd_cents_up(Nanos{0}), "0.00");
  EXPECT_EQ(format_usd_cents_up(Nanos{1}), "0.01");
  EXPECT_EQ(format_usd_cents_up(Nanos{150'000'000'000}), "150.00");
  EXPECT_EQ(format_usd_cents_up(Nanos{-10'000'001}), "-0.02");
}

TEST(Money, RoundTripsThroughText) {
  for (const std::int64_t count : {1LL, 999'999'999LL, 1'000'000'000LL, 123'456'789'012'345'678LL})
    EXPECT_EQ(parse_usd(format_usd(Nanos{count}))->count(), count);
}

TEST(Money, RoundsASumUpOnce) {
  PicoSum sum;
  sum.add(1, PicoUsd{1});
  sum.add(1, PicoUsd{1});
  EXPECT_EQ(sum.round_up(), Nanos{1});
  sum.add(998, PicoUsd{1});
  EXPECT_EQ(sum.round_up(), Nanos{1});
  sum.add(1, PicoUsd{1});
  EXPECT_EQ(sum.round_up(), Nanos{2});
}

TEST(Money, ASumSaturatesInsteadOfOverflowing) {
  PicoSum sum;
  for (int i = 0; i < 1000; ++i)
    sum.add(std::numeric_limits<std::int64_t>::max(),
            PicoUsd{std::numeric_limits<std::int64_t>::max()});
  EXPECT_EQ(sum.round_up(), kMaxAmount);
}

TEST(Money, ANegativeCountAddsNothing) {
  PicoSum sum;
  sum.add(-5, PicoUsd{1000});
  EXPECT_EQ(sum.round_up(), Nanos{0});
}

TEST(MoneyDeathTest, OverflowAborts) {
  Nanos amount{std::numeric_limits<std::int64_t>::max()};
  EXPECT_DEATH(amount += Nanos{1}, "broken invariant");
}

}  // namespace
}  // namespace purser
