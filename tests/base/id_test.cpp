#include "purser/base/id.h"

#include <gtest/gtest.h>

#include <limits>

namespace purser {
namespace {

using namespace std::chrono_literals;

TEST(Id, RoundTripsThroughText) {
  ManualEnv env(Instant{1'795'000'000s}, 7);
  for (int i = 0; i < 1000; ++i) {
    const Id id = make_id(env);
    const std::string text = to_text("req", id);
    EXPECT_EQ(text.size(), 30u);
    EXPECT_EQ(*parse_id("req", text), id);
  }
}

TEST(Id, SortsByTimeInBytesAndInText) {
  ManualEnv env(Instant{1'795'000'000s}, 7);
  const Id first = make_id(env);
  env.advance(1ms);
  const Id second = make_id(env);
  EXPECT_LT(first, second);
  EXPECT_LT(to_text("req", first), to_text("req", second));
}

TEST(Id, RefusesOtherText) {
  ManualEnv env(Instant{1'795'000'000s}, 7);
  const std::string good = to_text("req", make_id(env));
  EXPECT_FALSE(parse_id("cap", good));
  EXPECT_FALSE(parse_id("req", good.substr(0, 29)));
  EXPECT_FALSE(parse_id("req", good + "0"));
  EXPECT_FALSE(parse_id("req", "req_zzzzzzzzzzzzzzzzzzzzzzzzzz"));  // 130 bits
  EXPECT_FALSE(parse_id("req", "req_0000000000000000000000000I"));
  EXPECT_TRUE(parse_id("req", "req_7zzzzzzzzzzzzzzzzzzzzzzzzz"));
}

TEST(Instant, FormatsAsIso8601) {
  EXPECT_EQ(format_instant(Instant{0s}), "1970-01-01T00:00:00Z");
  EXPECT_EQ(format_instant(Instant{1'795'000'000s + 5ns}), "2026-11-18T11:06:40.000000005Z");
}

}  // namespace
}  // namespace purser
