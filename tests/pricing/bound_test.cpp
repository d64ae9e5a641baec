#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

#include "purser/pricing/price.h"

namespace purser::pricing {
namespace {

using testing::HasSubstr;

constexpr std::int64_t kMaxInt = std::numeric_limits<std::int64_t>::max();

Price cached_price() {
  Price price;
  price.id = "p/m";
  price.rates[TokenClass::input] = PicoUsd{1'000'000};
  price.rates[TokenClass::cached_input] = PicoUsd{100'000};
  price.rates[TokenClass::cache_write_5m] = PicoUsd{1'250'000};
  price.rates[TokenClass::cache_write_1h] = PicoUsd{2'000'000};
  price.rates[TokenClass::output] = PicoUsd{5'000'000};
  price.rates.fee[0] = PicoUsd{10'000'000'000};
  return price;
}

TEST(Bound, TakesInputAtTheDearestClassThatItCanReach) {
  const Price price = cached_price();
  BoundShape shape{.input_tokens = 1'000};
  EXPECT_EQ(bound(price, shape)->count(), 1'000'000);
  shape.may_write_cache_5m = true;
  EXPECT_EQ(bound(price, shape)->count(), 1'250'000);
  shape.may_write_cache_1h = true;
  EXPECT_EQ(bound(price, shape)->count(), 2'000'000);
  Price odd = price;
  odd.rates[TokenClass::cached_input] = PicoUsd{3'000'000};
  EXPECT_EQ(bound(odd, {.input_tokens = 1'000})->count(), 3'000'000);
}

TEST(Bound, TakesWritesThatTheProviderMakesUnasked) {
  Price price = cached_price();
  price.automatic_cache_writes = true;
  EXPECT_EQ(bound(price, {.input_tokens = 1'000})->count(), 1'250'000);
  // Where the book has no rate for them the provider bills them as input.
  price.rates[TokenClass::cache_write_5m].reset();
  EXPECT_EQ(bound(price, {.input_tokens = 1'000})->count(), 1'000'000);
}

TEST(Bound, TakesEveryChoiceAndEveryCall) {
  const BoundShape shape{.input_tokens = 10, .output_tokens = 100, .choices = 3, .fee_calls = {2}};
  EXPECT_EQ(bound(cached_price(), shape)->count(), 10'000 + 3 * 500'000 + 20'000'000);
  Price by_request = cached_price();
  by_request.rates.request = PicoUsd{5'000};
  EXPECT_EQ(bound(by_request, BoundShape{})->count(), 5);
}

TEST(Bound, TakesAudioOnlyWhereTheRequestHasIt) {
  Price price = cached_price();
  price.rates[TokenClass::input_audio] = PicoUsd{32'000'000};
  price.rates[TokenClass::output_audio] = PicoUsd{64'000'000};
  BoundShape shape{.input_tokens = 1, .output_tokens = 1};
  EXPECT_EQ(bound(price, shape)->count(), 1'000 + 5'000);
  shape.has_audio_input = true;
  EXPECT_EQ(bound(price, shape)->count(), 32'000 + 5'000);
  shape.has_audio_output = true;
  EXPECT_EQ(bound(price, shape)->count(), 32'000 + 64'000);
}

TEST(Bound, TakesTheLongContextTierOnlyWhereInputCrossesIt) {
  Price price = cached_price();
  LongContextTier tier{200, price.rates};
  tier.rates[TokenClass::input] = PicoUsd{2'000'000};
  tier.rates[TokenClass::output] = PicoUsd{7'500'000};
  price.long_context.push_back(tier);
  EXPECT_EQ(bound(price, {.input_tokens = 200, .output_tokens = 10})->count(), 250'000);
  EXPECT_EQ(bound(price, {.input_tokens = 201, .output_tokens = 10})->count(), 477'000);
  // A tier that is cheaper: the dearest is the most that still falls below it.
  price.long_context[0].rates[TokenClass::input] = PicoUsd{1'000};
  price.long_context[0].rates[TokenClass::output] = PicoUsd{1'000};
  EXPECT_EQ(bound(price, {.input_tokens = 500, .output_tokens = 10})->count(), 250'000);
}

TEST(Bound, NeedsEveryRateThatTheRequestCanReach) {
  Price bare;
  bare.id = "p/m";
  const auto message = [&](const BoundShape& shape) {
    const Result<Nanos> none = bound(bare, shape);
    if (none) return "a bound of " + std::to_string(none->count());
    EXPECT_EQ(none.error().code, "no_price");
    return none.error().message;
  };
  EXPECT_EQ(bound(bare, BoundShape{})->count(), 0);
  EXPECT_THAT(message({.input_tokens = 1}), HasSubstr("input tokens of p/m"));
  bare.rates[TokenClass::input] = PicoUsd{1};
  EXPECT_THAT(message({.input_tokens = 1, .output_tokens = 1}), HasSubstr("output tokens"));
  EXPECT_THAT(message({.input_tokens = 1, .may_write_cache_5m = true}),
              HasSubstr("cache_write_5m"));
  EXPECT_THAT(message({.input_tokens = 1, .may_write_cache_1h = true}),
              HasSubstr("cache_write_1h"));
  EXPECT_THAT(message({.input_tokens = 1, .has_audio_input = true}), HasSubstr("input_audio"));
  EXPECT_THAT(message({.fee_calls = {1}}), HasSubstr("web_search calls"));
  bare.rates[TokenClass::output] = PicoUsd{1};
  EXPECT_THAT(message({.output_tokens = 1, .has_audio_output = true}), HasSubstr("output_audio"));
  // In a tier that is reached as well as in the base.
  bare.long_context.push_back({10, Rates{}});
  EXPECT_THAT(message({.input_tokens = 11}), HasSubstr("input tokens"));
  EXPECT_TRUE(bound(bare, {.input_tokens = 10}));
}

TEST(Bound, SaturatesRatherThanOverflows) {
  BoundShape huge{.input_tokens = kMaxInt, .output_tokens = kMaxInt, .choices = kMaxInt};
  huge.fee_calls[0] = kMaxInt;
  EXPECT_EQ(*bound(cached_price(), huge), kMaxAmount);
  EXPECT_EQ(*bound(cached_price(), {.output_tokens = 1, .choices = kMaxInt}), kMaxAmount);
  EXPECT_EQ(bound(cached_price(), {.choices = kMaxInt})->count(), 0);
  EXPECT_EQ(output_tokens_that_fit(cached_price(), {.choices = kMaxInt}, Nanos{1}), 0);
  EXPECT_EQ(output_tokens_that_fit(cached_price(), huge, kMaxAmount), kMaxInt);
}

TEST(Fit, IsTheMostThatTheAmountBears) {
  const Price price = cached_price();
  const BoundShape shape{.input_tokens = 10, .output_tokens = 999, .choices = 2};
  EXPECT_EQ(output_tokens_that_fit(price, shape, Nanos{9'999}), -1);
  EXPECT_EQ(output_tokens_that_fit(price, shape, Nanos{10'000}), 0);
  EXPECT_EQ(output_tokens_that_fit(price, shape, Nanos{19'999}), 0);
  EXPECT_EQ(output_tokens_that_fit(price, shape, Nanos{20'000}), 1);
  EXPECT_EQ(output_tokens_that_fit(price, shape, Nanos{10'000 + 10'000 * 77}), 77);
  EXPECT_EQ(output_tokens_that_fit(price, BoundShape{}, Nanos{-1}), -1);
  EXPECT_EQ(output_tokens_that_fit(price, BoundShape{}, Nanos{0}), 0);
}

TEST(Fit, KnowsFreeAndUnpricedOutput) {
  Price price = cached_price();
  price.rates[TokenClass::output] = PicoUsd{0};
  EXPECT_EQ(output_tokens_that_fit(price, {.input_tokens = 1}, Nanos{1'000}), kMaxInt);
  EXPECT_EQ(output_tokens_that_fit(price, {.input_tokens = 1}, Nanos{999}), -1);
  price.rates[TokenClass::output].reset();
  EXPECT_EQ(output_tokens_that_fit(price, {.input_tokens = 1}, Nanos{1'000'000}), 0);
  price.rates[TokenClass::input].reset();
  EXPECT_EQ(output_tokens_that_fit(price, {.input_tokens = 1}, Nanos{1'000'000}), -1);
}

}  // namespace
}  // namespace purser::pricing
