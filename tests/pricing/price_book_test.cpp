// Which price a name gets, and when; overrides.
#include "purser/pricing/price_book.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "test_book.h"

namespace purser::pricing {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

std::int64_t input_rate(const PriceBook& book, std::string_view provider, std::string_view model,
                        Instant when = now()) {
  const Result<Price> price = book.find(provider, model, when);
  if (!price) return -1;
  return price->rates[TokenClass::input].value_or(PicoUsd{-2}).count;
}

std::string id_of(const PriceBook& book, std::string_view provider, std::string_view model) {
  const Result<Price> price = book.find(provider, model, now());
  return price ? price->id : price.error().code;
}

TEST(RealBook, KnowsTheModelsThatClientsUse) {
  const PriceBook& book = real_book();
  EXPECT_EQ(book.version().size(), 10U);
  EXPECT_GT(book.list(now()).size(), 900U);
  // Claude Code, Codex CLI and what people type.
  EXPECT_EQ(id_of(book, "anthropic", "claude-sonnet-4-5-20250929"), "anthropic/claude-sonnet-4-5");
  EXPECT_EQ(id_of(book, "anthropic", "claude-sonnet-4-20250514"), "anthropic/claude-sonnet-4-0");
  EXPECT_EQ(id_of(book, "anthropic", "claude-haiku-4-5-20251001"), "anthropic/claude-haiku-4-5");
  EXPECT_EQ(id_of(book, "anthropic", "claude-haiku-4-5"), "anthropic/claude-haiku-4-5");
  EXPECT_EQ(id_of(book, "anthropic", "claude-opus-4-20250514"), "anthropic/claude-opus-4-0");
  EXPECT_EQ(id_of(book, "anthropic", "claude-opus-4-1-20250805"), "anthropic/claude-opus-4-1");
  EXPECT_EQ(id_of(book, "anthropic", "claude-opus-5-5"), "anthropic/claude-opus-5-5");
  EXPECT_EQ(id_of(book, "anthropic", "claude-sonnet-5-5"), "anthropic/claude-sonnet-5-5");
  EXPECT_EQ(id_of(book, "anthropic", "claude-haiku-5-5"), "anthropic/claude-haiku-5-5");
  EXPECT_EQ(id_of(book, "openai", "gpt-5-codex"), "openai/gpt-5");
  EXPECT_EQ(id_of(book, "openai", "gpt-5-mini-2025-08-07"), "openai/gpt-5-mini");
  EXPECT_EQ(id_of(book, "openai", "gpt-6-sol-2026-09-30"), "openai/gpt-6-sol");
  EXPECT_EQ(id_of(book, "openai", "GPT-4o"), "openai/gpt-4o");
  EXPECT_EQ(id_of(book, "openai", "ft:gpt-4o-2024-08-06:acme::b1"), "openai/ft:gpt-4o");
  EXPECT_EQ(id_of(book, "groq", "openai/gpt-oss-120b"), "groq/openai/gpt-oss-120b");
  EXPECT_EQ(id_of(book, "xai", "grok-4.5"), "xai/grok-4.5");
  EXPECT_EQ(id_of(book, "fireworks", "accounts/fireworks/models/deepseek-r1-0528"),
            "fireworks/deepseek-r1-0528");
}

TEST(RealBook, NoNameFallsToAnotherModelsPrice) {
  const PriceBook& book = real_book();
  // Each has the name of a model in the book as its beginning.
  for (const char* name :
       {"claude-sonnet-5-7", "claude-sonnet-4-5-fast", "claude-opus-4-55", "claude-opus-5-5-5",
        "claude-haiku-4-5x", "my-claude-v2", "claude-sonnet-4-5-", "claude-haiku-4-5-20251001-max"})
    EXPECT_EQ(id_of(book, "anthropic", name), "no_price") << name;
  for (const char* name : {"gpt-5-ultra", "gpt-5-2099", "gpt-4o-mini-search-preview",
                           "gpt-4o-search-preview", "o3-deep-research", "gpt-5.4-pro-max", ""})
    EXPECT_EQ(id_of(book, "openai", name), "no_price") << name;
  EXPECT_EQ(id_of(book, "google", "gemini-2.5-pro-preview-tts"), "no_price");
  EXPECT_EQ(id_of(book, "deepseek", "deepseek-v4-flash-vision-exp"), "no_price");
  EXPECT_EQ(id_of(book, "openai", std::string(100'000, 'a')), "no_price");
}

TEST(RealBook, PricesAreTheProvidersOwn) {
  const PriceBook& book = real_book();
  const Price haiku = *book.find("anthropic", "claude-haiku-4-5", now());
  EXPECT_EQ(haiku.rates[TokenClass::input], PicoUsd{1'000'000});
  EXPECT_EQ(haiku.rates[TokenClass::cached_input], PicoUsd{100'000});
  EXPECT_EQ(haiku.rates[TokenClass::cache_write_5m], PicoUsd{1'250'000});
  EXPECT_EQ(haiku.rates[TokenClass::cache_write_1h], PicoUsd{2'000'000});
  EXPECT_EQ(haiku.rates[TokenClass::output], PicoUsd{5'000'000});
  EXPECT_EQ(haiku.rates.fee[0], PicoUsd{10'000'000'000});
  EXPECT_EQ(haiku.context_window_tokens, 200'000);
  EXPECT_EQ(haiku.max_output_tokens, 64'000);
  EXPECT_FALSE(haiku.automatic_cache_writes);
  EXPECT_FALSE(haiku.is_free());

  const Price sol = *book.find("openai", "gpt-6-sol", now());
  EXPECT_TRUE(sol.automatic_cache_writes);
  ASSERT_EQ(sol.long_context.size(), 1U);
  EXPECT_EQ(sol.long_context[0].input_tokens_over, 272'000);
  EXPECT_EQ(sol.long_context[0].rates[TokenClass::output], PicoUsd{15'000'000});
  EXPECT_EQ(sol.long_context[0].rates.fee[0], PicoUsd{10'000'000'000});

  const Price embedding = *book.find("openai", "text-embedding-3-small", now());
  EXPECT_EQ(embedding.max_output_tokens, 0);
  EXPECT_TRUE(book.find("openrouter", "meta-llama/llama-3.1-8b-instruct:free", now())->is_free());
}

TEST(RealBook, SandboxIsPricedLikeRealModels) {
  const Price small = *real_book().find("sandbox", "small", now());
  EXPECT_EQ(small.rates[TokenClass::input], PicoUsd{250'000});
  EXPECT_EQ(small.rates[TokenClass::output], PicoUsd{2'000'000});
  EXPECT_TRUE(small.rates.fee[0]);
  EXPECT_EQ(small.context_window_tokens, 200'000);
  EXPECT_EQ(small.max_output_tokens, 64'000);
  const Price large = *real_book().find("sandbox", "large", now());
  EXPECT_EQ(large.rates[TokenClass::input], PicoUsd{3'000'000});
  EXPECT_EQ(large.long_context.at(0).input_tokens_over, 200'000);
  EXPECT_EQ(large.context_window_tokens, 1'000'000);
}

TEST(RealBook, EveryModelCanBeFoundByItsOwnNameAndAnthropicBillsBothCacheWrites) {
  for (const auto& [price, from] : real_book().list(now())) {
    EXPECT_LE(from, now());
    EXPECT_EQ(id_of(real_book(), price.provider, price.model), price.id);
    EXPECT_TRUE(price.rates[TokenClass::input]) << price.id;
    if (price.provider == "anthropic" && price.rates[TokenClass::cached_input]) {
      EXPECT_TRUE(price.rates[TokenClass::cache_write_5m]) << price.id;
      EXPECT_TRUE(price.rates[TokenClass::cache_write_1h]) << price.id;
    }
  }
}

TEST(Book, ProvidersOfANameAreAllThatKnowIt) {
  EXPECT_THAT(real_book().providers_of("claude-haiku-4-5"), ElementsAre("anthropic"));
  EXPECT_THAT(real_book().providers_of("gpt-5-2025-08-07"), ElementsAre("openai"));
  EXPECT_THAT(real_book().providers_of("no-such-model"), ElementsAre());
  EXPECT_THAT(real_book().providers_of(""), ElementsAre());
  const PriceBook two = parse_or_die(book_json(
      R"({"id": "a/m", "periods": [{"rates": {"input": 1}}]},
         {"id": "b/x", "variants": ["m"], "periods": [{"rates": {"input": 2}}]})"));
  EXPECT_THAT(two.providers_of("m"), ElementsAre("a", "b"));
  EXPECT_THAT(two.providers_of("m-latest"), ElementsAre("b"));
}

TEST(Book, ExactNamesComeBeforePatternsAndLongPrefixesBeforeShort) {
  const PriceBook book = parse_or_die(book_json(
      R"({"id": "p/open", "starts_with": ["m"], "periods": [{"rates": {"input": 1}}]},
         {"id": "p/long-open", "starts_with": ["m-1-tuned"], "periods": [{"rates": {"input": 2}}]},
         {"id": "p/short", "variants": ["m-1"], "periods": [{"rates": {"input": 3}}]},
         {"id": "p/long", "variants": ["m-1-preview"], "periods": [{"rates": {"input": 4}}]},
         {"id": "p/dated", "dated": ["m-1"], "periods": [{"rates": {"input": 5}}]},
         {"id": "p/m-1-20260101", "periods": [{"rates": {"input": 6}}]})"));
  EXPECT_EQ(input_rate(book, "p", "m-1-20260101"), 6);
  EXPECT_EQ(input_rate(book, "p", "m-1-20260102"), 5);
  EXPECT_EQ(input_rate(book, "p", "M-1@20260102"), 5);
  EXPECT_EQ(input_rate(book, "p", "m-1-2026-01-02"), 5);
  EXPECT_EQ(input_rate(book, "p", "m-1-preview-05-20"), 4);
  EXPECT_EQ(input_rate(book, "p", "m-1-latest"), 3);
  EXPECT_EQ(input_rate(book, "p", "m-1"), 3);
  EXPECT_EQ(input_rate(book, "p", "m-1-tuned-by-us"), 2);
  EXPECT_EQ(input_rate(book, "p", "m-1-2"), 1);
  EXPECT_EQ(input_rate(book, "p", "m-1-2026-01-021"), 1);
  EXPECT_EQ(input_rate(book, "p", "n"), -1);
}

TEST(Book, VariantsTakeInReleasesButNoOtherModel) {
  const PriceBook book = parse_or_die(
      book_json(R"({"id": "p/x", "variants": ["m-1"], "periods": [{"rates": {"input": 1}}]})"));
  for (const char* name : {"m-1-latest", "m-1-preview", "m-1-exp-0827", "m-1@001", "m-1-v1",
                           "m-1-preview-05-20", "m-1-preview-09-2025", "m-1:thinking"})
    EXPECT_EQ(input_rate(book, "p", name), 1) << name;
  for (const char* name : {"m-1-5", "m-1-12", "m-1.5", "m-10", "m-1-pro", "m-1-preview-tts", "m-1-",
                           "m-1--latest", "m-1-v12", "m-1-2026-01", "xm-1", "m-1-latest-5"})
    EXPECT_EQ(input_rate(book, "p", name), -1) << name;
}

TEST(Book, NoPriceSaysHowToSetOne) {
  const Result<Price> none = real_book().find("openai", "gpt-99", now());
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().code, "no_price");
  EXPECT_THAT(none.error().message, HasSubstr("purser prices set openai/gpt-99 --input"));
  // What a client wrote must not end up in a line that an admin runs.
  const Result<Price> hostile = real_book().find("openai", "x; rm -rf ~", now());
  EXPECT_THAT(hostile.error().message, HasSubstr("purser prices set PROVIDER/MODEL --input"));
  EXPECT_THAT(hostile.error().message, Not(HasSubstr("rm")));
}

TEST(Book, PeriodsBeginOnTheirDate) {
  const PriceBook book = parse_or_die(book_json(
      R"({"id": "p/m", "periods": [{"rates": {"input": 1}},
                                   {"from": "2026-03-13", "rates": {"input": 2}},
                                   {"from": "2027-01-01", "rates": {"input": 3}}]})"));
  EXPECT_EQ(input_rate(book, "p", "m", at(2026, 3, 13) - Duration{1}), 1);
  EXPECT_EQ(input_rate(book, "p", "m", at(2026, 3, 13)), 2);
  EXPECT_EQ(input_rate(book, "p", "m", at(2026, 12, 31, hours{23})), 2);
  EXPECT_EQ(input_rate(book, "p", "m", at(2027, 1, 1)), 3);
  ASSERT_EQ(book.list(now()).size(), 1U);
  EXPECT_EQ(book.list(now())[0].from, at(2026, 3, 13));
}

TEST(Book, PartsOfTheDayEndBeforeTheirEnd) {
  const PriceBook book = parse_or_die(book_json(
      R"({"id": "p/day", "periods": [{"rates": {"input": 1}},
           {"daily": {"start": "00:30:00", "end": "16:30:00"}, "rates": {"input": 2}}]},
         {"id": "p/night", "periods": [{"rates": {"input": 1}},
           {"from": "2026-11-23", "daily": {"start": "22:00:00", "end": "06:00:00"},
            "rates": {"input": 2}}]})"));
  EXPECT_EQ(input_rate(book, "p", "day", at(2026, 11, 23, minutes{30} - Duration{1})), 1);
  EXPECT_EQ(input_rate(book, "p", "day", at(2026, 11, 23, minutes{30})), 2);
  EXPECT_EQ(input_rate(book, "p", "day", at(2026, 11, 23, hours{16} + minutes{30} - Duration{1})),
            2);
  EXPECT_EQ(input_rate(book, "p", "day", at(2026, 11, 23, hours{16} + minutes{30})), 1);
  EXPECT_EQ(input_rate(book, "p", "night", at(2026, 11, 23, hours{22})), 2);
  EXPECT_EQ(input_rate(book, "p", "night", at(2026, 11, 23, hours{6} - seconds{1})), 2);
  EXPECT_EQ(input_rate(book, "p", "night", at(2026, 11, 23, hours{6})), 1);
  EXPECT_EQ(input_rate(book, "p", "night", at(2026, 11, 22, hours{23})), 1);  // before its date
}

PriceOverride negotiated(std::string model, std::int64_t input, Instant from, std::string id) {
  PriceOverride change;
  change.provider = "p";
  change.model = std::move(model);
  change.version = std::move(id);
  change.from = from;
  change.rates[TokenClass::input] = PicoUsd{input};
  return change;
}

TEST(Overrides, ReplaceTheRatesTheyNameFromTheirInstantOn) {
  const PriceBook plain = parse_or_die(book_json(
      R"({"id": "p/m", "names": ["alias"], "context_window_tokens": 10, "max_output_tokens": 5,
          "periods": [{"rates": {"input": 100, "output": 200}}]})"));
  PriceOverride limits = negotiated("m", 60, at(2026, 6, 1), "prc_2");
  limits.context_window_tokens = 20;
  const PriceBook book =
      plain.with_overrides({limits, negotiated("m", 80, at(2026, 1, 1), "prc_1")});

  EXPECT_EQ(input_rate(book, "p", "m", at(2025, 12, 31)), 100);
  EXPECT_EQ(input_rate(book, "p", "m", at(2026, 1, 1)), 80);
  EXPECT_EQ(input_rate(book, "p", "m", at(2026, 6, 1)), 60);
  EXPECT_EQ(input_rate(book, "p", "alias", at(2026, 6, 1)), 60);
  EXPECT_EQ(input_rate(book, "P", "M", at(2026, 6, 1)), 60);
  const Price price = *book.find("p", "m", at(2026, 6, 1));
  EXPECT_EQ(price.rates[TokenClass::output], PicoUsd{200});
  EXPECT_EQ(price.version, "2026-11-23+prc_2");
  EXPECT_EQ(price.context_window_tokens, 20);
  EXPECT_EQ(price.max_output_tokens, 5);
  EXPECT_EQ(plain.find("p", "m", at(2026, 6, 1))->version, "2026-11-23");
  EXPECT_EQ(book.list(at(2026, 6, 2)).at(0).from, at(2026, 6, 1));
  // Overrides are replaced, not piled up.
  EXPECT_EQ(input_rate(book.with_overrides({}), "p", "m", at(2026, 6, 1)), 100);
}

TEST(Overrides, PriceAModelThatNoBookKnows) {
  const PriceBook book = parse_or_die(book_json(""))
                             .with_overrides({negotiated("Our-Own", 7, at(2026, 1, 1), "prc_1")});
  EXPECT_EQ(input_rate(book, "p", "our-own"), 7);
  EXPECT_EQ(book.find("p", "our-own", now())->version, "prc_1");
  EXPECT_THAT(book.providers_of("our-own"), ElementsAre("p"));
  ASSERT_EQ(book.list(now()).size(), 1U);
  EXPECT_EQ(book.list(now())[0].price.id, "p/Our-Own");
  EXPECT_EQ(id_of(book, "p", "our-own-2"), "no_price");
  EXPECT_TRUE(book.list(at(2025, 1, 1)).empty());
}

TEST(Overrides, OfOneNameLeaveTheOthersAlone) {
  const PriceBook book =
      parse_or_die(
          book_json(
              R"({"id": "p/m", "names": ["m-tuned"], "periods": [{"rates": {"input": 100}}]})"))
          .with_overrides({negotiated("m-tuned", 50, at(2026, 1, 1), "prc_1")});
  EXPECT_EQ(input_rate(book, "p", "m-tuned"), 50);
  EXPECT_EQ(input_rate(book, "p", "m"), 100);
  ASSERT_EQ(book.list(now()).size(), 2U);
  EXPECT_EQ(book.list(now())[1].price.id, "p/m-tuned");
}

TEST(Overrides, NeverMakeLongInputCheaperThanShort) {
  const PriceBook book = parse_or_die(book_json(
      R"({"id": "p/m", "periods": [{"rates": {"input": 100, "output": 10}, "long_context":
          [{"input_tokens_over": 10, "rates": {"input": 200, "output": 20}}]}]})"));
  const auto tier = [&](std::int64_t rate) {
    return book.with_overrides({negotiated("m", rate, at(2026, 1, 1), "x")})
        .find("p", "m", now())
        ->long_context.at(0)
        .rates;
  };
  EXPECT_EQ(tier(60)[TokenClass::input], PicoUsd{200});
  EXPECT_EQ(tier(300)[TokenClass::input], PicoUsd{300});
  EXPECT_EQ(tier(300)[TokenClass::output], PicoUsd{20});
}

}  // namespace
}  // namespace purser::pricing
