// The bound is the most that a request can cost: no usage within the shape costs more, some usage
// costs exactly as much, and the output that fits an amount is the most that does. On every model
// of the book, and on random prices (tiers that are cheaper, absent rates) with RapidCheck.
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <limits>
#include <random>
#include <vector>

#include "purser/pricing/price.h"
#include "test_book.h"

namespace purser::pricing {
namespace {

constexpr std::int64_t kMaxInt = std::numeric_limits<std::int64_t>::max();

// A source of numbers in [0, max]: the seeded engine or RapidCheck.
template <typename Draw>
struct Maker {
  Draw draw;

  bool coin() { return draw(1) == 1; }
  // Small, middling or large, near what the price's tiers cut at.
  std::int64_t tokens(const Price& price) {
    switch (draw(4)) {
      case 0:
        return draw(3);
      case 1:
        return draw(5'000);
      case 2:
        return draw(2'000'000);
      default: {
        if (price.long_context.empty()) return draw(300'000);
        const auto& tier = price.long_context[static_cast<std::size_t>(
            draw(static_cast<std::int64_t>(price.long_context.size()) - 1))];
        return std::max<std::int64_t>(0, tier.input_tokens_over - 2 + draw(4));
      }
    }
  }

  BoundShape shape(const Price& price) {
    BoundShape shape;
    shape.input_tokens = tokens(price);
    shape.output_tokens = draw(200'000);
    shape.choices = 1 + draw(3);
    shape.may_write_cache_5m = coin() && price.rates[TokenClass::cache_write_5m];
    shape.may_write_cache_1h = coin() && price.rates[TokenClass::cache_write_1h];
    shape.has_audio_input = coin() && price.rates[TokenClass::input_audio];
    shape.has_audio_output = coin() && price.rates[TokenClass::output_audio];
    if (price.rates.fee[0]) shape.fee_calls[0] = draw(5);
    if (!price.rates[TokenClass::output]) shape.output_tokens = 0;
    return shape;
  }
};

std::vector<TokenClass> input_classes(const Price& price, const BoundShape& shape) {
  std::vector<TokenClass> classes = {TokenClass::input, TokenClass::cached_input};
  if (shape.may_write_cache_5m ||
      (price.automatic_cache_writes && price.rates[TokenClass::cache_write_5m]))
    classes.push_back(TokenClass::cache_write_5m);
  if (shape.may_write_cache_1h) classes.push_back(TokenClass::cache_write_1h);
  if (shape.has_audio_input) {
    classes.push_back(TokenClass::input_audio);
    classes.push_back(TokenClass::cached_input_audio);
  }
  return classes;
}

std::vector<TokenClass> output_classes(const BoundShape& shape) {
  std::vector<TokenClass> classes = {TokenClass::output};
  if (shape.has_audio_output) classes.push_back(TokenClass::output_audio);
  return classes;
}

template <typename Draw>
Usage usage_within(Maker<Draw>& maker, const Price& price, const BoundShape& shape) {
  Usage usage;
  const auto spread = [&](std::int64_t room, const std::vector<TokenClass>& classes) {
    for (int i = 0; i < 4; ++i) {
      const auto c = classes[static_cast<std::size_t>(
          maker.draw(static_cast<std::int64_t>(classes.size()) - 1))];
      const std::int64_t part = i == 3 && maker.coin() ? room : maker.draw(room);
      usage[c] += part;
      room -= part;
    }
  };
  spread(shape.input_tokens, input_classes(price, shape));
  spread(shape.output_tokens * shape.choices, output_classes(shape));
  usage.fee_calls[0] = maker.draw(shape.fee_calls[0]);
  return usage;
}

// The dearest usage within the shape, by trying every corner through `cost` alone.
Nanos dearest_cost(const Price& price, const BoundShape& shape) {
  std::vector<std::int64_t> inputs = {shape.input_tokens};
  for (const LongContextTier& tier : price.long_context)
    if (tier.input_tokens_over < shape.input_tokens) inputs.push_back(tier.input_tokens_over);
  Nanos most{-1};
  for (const std::int64_t input : inputs)
    for (const TokenClass in : input_classes(price, shape))
      for (const TokenClass out : output_classes(shape)) {
        Usage usage;
        usage[in] = input;
        usage[out] = shape.output_tokens * shape.choices;
        usage.fee_calls = shape.fee_calls;
        if (const Result<Nanos> one = cost(price, usage)) most = std::max(most, *one);
      }
  return most;
}

template <typename Draw>
std::string check_bound(Maker<Draw> maker, const Price& price, int usages) {
  const BoundShape shape = maker.shape(price);
  const Result<Nanos> most = bound(price, shape);
  if (!most) return most.error().code == "no_price" ? "" : "an odd error";
  for (int i = 0; i < usages; ++i) {
    const Usage usage = usage_within(maker, price, shape);
    const Result<Nanos> billed = cost(price, usage);
    if (!billed) return "within the shape, but unpriced: " + billed.error().message;
    if (*billed > *most) return "dearer than the bound: " + format_usd(*billed);
  }
  if (dearest_cost(price, shape) != *most)
    return "not tight: bound " + format_usd(*most) + ", dearest " +
           format_usd(dearest_cost(price, shape));

  BoundShape fitted = shape;
  const Nanos amount{maker.draw(maker.coin() ? 2 * most->count() : 1'000'000'000)};
  fitted.output_tokens = output_tokens_that_fit(price, shape, amount);
  if (fitted.output_tokens == -1) {
    fitted.output_tokens = 0;
    const Result<Nanos> least = bound(price, fitted);
    return least && *least <= amount ? "zero output tokens would fit" : "";
  }
  if (const Result<Nanos> fits = bound(price, fitted); !fits || *fits > amount)
    return "what fits does not fit";
  if (fitted.output_tokens == kMaxInt) return "";
  fitted.output_tokens += 1;
  const Result<Nanos> next = bound(price, fitted);
  return next && *next <= amount ? "one more output token would fit" : "";
}

TEST(BoundProperty, HoldsForEveryModelOfTheBook) {
  std::mt19937_64 engine(20261123);
  Maker maker{[&engine](std::int64_t max) {
    return std::uniform_int_distribution<std::int64_t>(0, max)(engine);
  }};
  int checked = 0;
  for (const Instant when : {now(), at(2025, 9, 1, std::chrono::hours{2}), at(2027, 2, 1)})
    for (const auto& [price, from] : real_book().list(when))
      for (int i = 0; i < 10; ++i, ++checked)
        ASSERT_EQ(check_bound(maker, price, 10), "") << price.id << " " << format_instant(when);
  EXPECT_GT(checked, 25'000);
}

Price random_price() {
  const auto rate = [](bool needed) -> std::optional<PicoUsd> {
    if (!needed && *rc::gen::inRange(0, 3) == 0) return std::nullopt;
    return PicoUsd{*rc::gen::element<std::int64_t>(0, 1, 999, 1'000, 300'001, 15'000'000)};
  };
  Price price;
  price.id = "p/m";
  const auto fill = [&](Rates& rates) {
    rates[TokenClass::input] = rate(true);
    rates[TokenClass::output] = rate(true);
    for (const TokenClass c :
         {TokenClass::cached_input, TokenClass::cache_write_5m, TokenClass::cache_write_1h,
          TokenClass::input_audio, TokenClass::cached_input_audio, TokenClass::output_audio})
      rates[c] = rate(false);
    rates.fee[0] = rate(false);
    rates.request = rate(false);
  };
  fill(price.rates);
  price.automatic_cache_writes = *rc::gen::arbitrary<bool>();
  std::int64_t over = 0;
  const int tiers = *rc::gen::inRange(0, 4);
  for (int i = 0; i < tiers; ++i) {
    LongContextTier tier{over += *rc::gen::inRange(1, 300), Rates{}};
    // What the base prices, its tiers price: the book's reader of packages sees to that.
    fill(tier.rates);
    for (std::size_t c = 0; c < kTokenClassCount; ++c)
      if (price.rates.token[c].has_value() != tier.rates.token[c].has_value())
        tier.rates.token[c] = price.rates.token[c];
    if (price.rates.fee[0].has_value() != tier.rates.fee[0].has_value())
      tier.rates.fee[0] = price.rates.fee[0];
    price.long_context.push_back(tier);
  }
  return price;
}

TEST(BoundProperty, HoldsForAnyPrice) {
  EXPECT_TRUE(rc::check("bound is tight and never passed", [] {
    const Price price = random_price();
    Maker maker{[](std::int64_t max) { return *rc::gen::inRange<std::int64_t>(0, max + 1); }};
    for (int i = 0; i < 5; ++i) RC_ASSERT(check_bound(maker, price, 5) == "");
    RC_CLASSIFY(!price.long_context.empty(), "tiers");
  }));
}

}  // namespace
}  // namespace purser::pricing
