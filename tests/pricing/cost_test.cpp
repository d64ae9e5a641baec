#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

#include "purser/pricing/price.h"

namespace purser::pricing {
namespace {

using testing::HasSubstr;

constexpr std::int64_t kMaxInt = std::numeric_limits<std::int64_t>::max();

Price text_price() {
  Price price;
  price.id = "p/m";
  price.rates[TokenClass::input] = PicoUsd{3'000'000};
  price.rates[TokenClass::output] = PicoUsd{15'000'000};
  return price;
}

Usage usage_of(TokenClass token_class, std::int64_t tokens) {
  Usage usage;
  usage[token_class] = tokens;
  return usage;
}

TEST(Usage, NamesItsClasses) {
  EXPECT_EQ(name(TokenClass::input), "input");
  EXPECT_EQ(name(TokenClass::cache_write_1h), "cache_write_1h");
  EXPECT_EQ(name(TokenClass::output_audio), "output_audio");
  EXPECT_EQ(name(Fee::web_search), "web_search");
}

TEST(Usage, AllInputIsWhatWasReadOrWrittenToTheCache) {
  Usage usage;
  for (std::size_t i = 0; i < kTokenClassCount; ++i) usage.tokens[i] = 1 << i;
  EXPECT_EQ(usage.all_input_tokens(), 1 + 2 + 4 + 8 + 32 + 64);  // neither kind of output
  usage[TokenClass::input] = kMaxInt;
  EXPECT_EQ(usage.all_input_tokens(), kMaxInt);
}

TEST(Cost, SumsEveryClassAndRoundsUpOnce) {
  Price price = text_price();
  price.rates[TokenClass::cached_input] = PicoUsd{1};
  price.rates[TokenClass::cache_write_5m] = PicoUsd{1};
  price.rates[TokenClass::cache_write_1h] = PicoUsd{1};
  price.rates.fee[0] = PicoUsd{10'000'000'000};
  price.rates.request = PicoUsd{1'000'000};
  Usage usage;
  usage[TokenClass::input] = 1'000;
  usage[TokenClass::output] = 100;
  usage[Fee::web_search] = 2;
  // 3 m + 1.5 m nanos, two searches at 0.01, and the fee for the request itself.
  EXPECT_EQ(cost(price, usage)->count(), 3'000'000 + 1'500'000 + 20'000'000 + 1'000);
  usage[TokenClass::cached_input] = 1;
  usage[TokenClass::cache_write_5m] = 1;
  usage[TokenClass::cache_write_1h] = 1;
  // Three picos together round up to one nano, not to three.
  EXPECT_EQ(cost(price, usage)->count(), 24'501'001);
  EXPECT_EQ(cost(text_price(), Usage{})->count(), 0);
}

TEST(Cost, AbsentIsNotFreeButZeroIs) {
  for (const TokenClass c :
       {TokenClass::cache_write_5m, TokenClass::cache_write_1h, TokenClass::input_audio,
        TokenClass::cached_input_audio, TokenClass::output_audio}) {
    const Result<Nanos> absent = cost(text_price(), usage_of(c, 1));
    ASSERT_FALSE(absent) << name(c);
    EXPECT_EQ(absent.error().code, "unpriced_usage");
    EXPECT_THAT(absent.error().message, HasSubstr(std::string(name(c)) + " tokens of p/m"));
    Price priced = text_price();
    priced.rates[c] = PicoUsd{0};
    EXPECT_EQ(cost(priced, usage_of(c, 1))->count(), 0);
  }
  Usage search;
  search[Fee::web_search] = 1;
  EXPECT_THAT(cost(text_price(), search).error().message, HasSubstr("web_search calls"));
}

TEST(Cost, CachedInputWithoutARateCostsWhatInputCosts) {
  Price price = text_price();
  EXPECT_EQ(cost(price, usage_of(TokenClass::cached_input, 10))->count(), 30'000);
  price.rates[TokenClass::cached_input] = PicoUsd{300'000};
  EXPECT_EQ(cost(price, usage_of(TokenClass::cached_input, 10))->count(), 3'000);
  price.rates[TokenClass::input_audio] = PicoUsd{8'000'000};
  EXPECT_EQ(cost(price, usage_of(TokenClass::cached_input_audio, 10))->count(), 80'000);
}

TEST(Cost, LongInputRepricesTheWholeRequest) {
  Price price = text_price();
  price.rates[TokenClass::cached_input] = PicoUsd{300'000};
  for (const std::int64_t over : {200, 400}) {
    LongContextTier tier{over, price.rates};
    tier.rates[TokenClass::input] = PicoUsd{6'000'000 * over / 200};
    tier.rates[TokenClass::cached_input] = PicoUsd{600'000 * over / 200};
    tier.rates[TokenClass::output] = PicoUsd{22'500'000 * over / 200};
    price.long_context.push_back(tier);
  }
  Usage usage;
  usage[TokenClass::input] = 100;
  usage[TokenClass::cached_input] = 100;
  usage[TokenClass::output] = 1'000'000;  // output does not count towards the threshold
  EXPECT_EQ(cost(price, usage)->count(), 300'000 + 30'000 + 15'000'000'000);
  usage[TokenClass::cached_input] = 101;
  EXPECT_EQ(cost(price, usage)->count(), 600'000 + 60'600 + 22'500'000'000);
  usage[TokenClass::cached_input] = 301;
  EXPECT_EQ(cost(price, usage)->count(), 1'200'000 + 361'200 + 45'000'000'000);
}

TEST(Cost, OnlyKnownServiceTiersHaveAPrice) {
  Price price = text_price();
  Usage usage = usage_of(TokenClass::output, 1);
  for (const char* tier : {"", "default", "standard", "standard_only", "auto", "on_demand"}) {
    usage.service_tier = tier;
    EXPECT_EQ(cost(price, usage)->count(), 15'000) << tier;
  }
  for (const char* tier : {"priority", "flex", "scale", "batch", "Default", "ultrafast"}) {
    usage.service_tier = tier;
    const Result<Nanos> dear = cost(price, usage);
    ASSERT_FALSE(dear) << tier;
    EXPECT_EQ(dear.error().code, "unpriced_usage");
    EXPECT_THAT(dear.error().message, HasSubstr(tier));
  }
  usage.service_tier = "priority";
  price.service_tiers["priority"][TokenClass::output] = PicoUsd{30'000'000};
  EXPECT_EQ(cost(price, usage)->count(), 30'000);
  usage[TokenClass::input] = 1;  // that tier has no input rate
  EXPECT_FALSE(cost(price, usage));
  // Above a long-context threshold nobody says what the tier costs.
  usage[TokenClass::input] = 0;
  usage[TokenClass::cached_input] = 11;
  price.service_tiers["priority"][TokenClass::cached_input] = PicoUsd{1};
  EXPECT_TRUE(cost(price, usage));
  price.long_context.push_back({10, price.rates});
  EXPECT_FALSE(cost(price, usage));
}

TEST(Cost, WhatAProviderMayClaimIsAValue) {
  for (std::size_t i = 0; i < kTokenClassCount; ++i) {
    Price price = text_price();
    for (auto& rate : price.rates.token) rate = PicoUsd{1'000'000'000'000'000};
    Usage usage;
    usage.tokens[i] = -1;
    EXPECT_EQ(cost(price, usage).error().code, "unpriced_usage");
    usage.tokens.fill(kMaxInt);
    EXPECT_EQ(*cost(price, usage), kMaxAmount);
  }
  Usage calls;
  calls[Fee::web_search] = -1;
  Price price = text_price();
  price.rates.fee[0] = PicoUsd{1};
  EXPECT_EQ(cost(price, calls).error().code, "unpriced_usage");
}

TEST(IsFree, NeedsRatesThatAreAllZero) {
  Price price;
  EXPECT_FALSE(price.is_free()) << "no rate is known";
  price.rates[TokenClass::input] = PicoUsd{0};
  EXPECT_TRUE(price.is_free());
  Price fee = price;
  fee.rates.fee[0] = PicoUsd{1};
  EXPECT_FALSE(fee.is_free());
  Price request = price;
  request.rates.request = PicoUsd{1};
  EXPECT_FALSE(request.is_free());
  Price tier = price;
  tier.long_context.push_back({10, price.rates});
  EXPECT_TRUE(tier.is_free());
  tier.long_context[0].rates[TokenClass::output] = PicoUsd{1};
  EXPECT_FALSE(tier.is_free());
  price.service_tiers["priority"][TokenClass::output] = PicoUsd{1};
  EXPECT_FALSE(price.is_free());
}

}  // namespace
}  // namespace purser::pricing
