// A book from a hostile hand is a value: an error that names the place.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "purser/pricing/price_book.h"
#include "test_book.h"

namespace purser::pricing {
namespace {

using testing::HasSubstr;

struct Row {
  const char* what;
  std::string json;
  const char* place;
};

std::string with_period(const std::string& period) {
  return book_json(R"({"id": "p/m", "periods": [)" + period + "]}");
}

std::string with_rates(const std::string& rates) {
  return with_period(R"({"rates": )" + rates + "}");
}

std::string with_tiers(const std::string& tiers) {
  return with_period(R"({"rates": {"input": 1}, "long_context": )" + tiers + "}");
}

std::string with_later_period(const std::string& period) {
  return with_period(R"({"rates": {"input": 1}}, )" + period);
}

std::vector<Row> hostile_rows() {
  const std::string good = R"({"id": "p/m", "periods": [{"rates": {"input": 1}}]})";
  std::string many = "[";
  for (int i = 0; i < 501; ++i) many += (i ? ",\"n" : "\"n") + std::to_string(i) + "\"";
  many += "]";
  return {
      {"no JSON", "{", "It is not JSON"},
      {"nothing", "", "It is not JSON"},
      {"bad UTF-8", "{\"version\": \"\xff\"}", "It is not JSON"},
      {"deep nesting", std::string(100'000, '['), "It is not JSON"},
      {"no object", "[]", "an object is expected"},
      {"no schema", R"({"version": "x", "models": []})", "schema"},
      {"a later schema", R"({"schema": 2, "version": "x", "models": []})", "schema: must lie"},
      {"no version", R"({"schema": 1, "models": []})", "version: is missing"},
      {"empty version", R"({"schema": 1, "version": "", "models": []})", "version: between"},
      {"no models", R"({"schema": 1, "version": "x"})", "models: is missing"},
      {"models no array", R"({"schema": 1, "version": "x", "models": {}})", "models: an array"},
      {"unknown key", R"({"schema": 1, "version": "x", "models": [], "extra": 1})", "extra"},
      {"a key twice", R"({"schema": 1, "version": "x", "version": "y", "models": []})",
       "version: this key stands here twice"},
      {"model no object", book_json("7"), "models[0]: an object"},
      {"unknown key of a model", book_json(R"({"id": "p/m", "price": 1})"), "models[0].price"},
      {"no id", book_json(R"({"periods": [{"rates": {}}]})"), "models[0].id"},
      {"id of no provider", book_json(R"({"id": "m", "periods": [{"rates": {}}]})"),
       "models[0].id: provider/model"},
      {"id of no model", book_json(R"({"id": "p/", "periods": [{"rates": {}}]})"),
       "models[0].id: provider/model"},
      {"upper-case provider", book_json(R"({"id": "P/m", "periods": [{"rates": {}}]})"),
       "models[0].id: a provider's name"},
      {"an id twice", book_json(good + "," + good),
       "models[1].id: \"p/m\" stands in the book twice"},
      {"a name of two models",
       book_json(good + R"(,{"id": "p/n", "names": ["M"], "periods": [{"rates": {}}]})"),
       "models[1].names: \"M\" belongs to another model"},
      {"a prefix of two models",
       book_json(R"({"id": "p/a", "variants": ["x"], "periods": [{"rates": {}}]},
                    {"id": "p/b", "variants": ["x"], "periods": [{"rates": {}}]})"),
       "models[1].variants"},
      {"an empty name", book_json(R"({"id": "p/m", "starts_with": [""]})"),
       "models[0].starts_with[0]"},
      {"a long name", book_json(R"({"id": "p/m", "names": [")" + std::string(257, 'x') + "\"]}"),
       "models[0].names[0]"},
      {"many names", book_json(R"({"id": "p/m", "names": )" + many + "}"), "models[0].names[500]"},
      {"names no text", book_json(R"({"id": "p/m", "names": [1]})"), "models[0].names[0]: a text"},
      {"no periods", book_json(R"({"id": "p/m", "periods": []})"), "models[0].periods"},
      {"no rates", with_period("{}"), "models[0].periods[0]: rates are missing"},
      {"a first period with a date", with_period(R"({"from": "2026-01-01", "rates": {}})"),
       "models[0].periods[0]: the first period must hold always"},
      {"a first period with hours",
       with_period(R"({"daily": {"start": "01:00:00", "end": "02:00:00"}, "rates": {}})"),
       "models[0].periods[0]: the first period must hold always"},
      {"no such day", with_later_period(R"({"from": "2026-02-30", "rates": {}})"),
       "models[0].periods[1].from: there is no such day"},
      {"no date", with_later_period(R"({"from": "tomorrow", "rates": {}})"),
       "models[0].periods[1].from: a date like"},
      {"no such hour",
       with_later_period(R"({"daily": {"start": "24:00:00", "end": "02:00:00"}, "rates": {}})"),
       "models[0].periods[1].daily.start: a time of day"},
      {"no end", with_later_period(R"({"daily": {"start": "01:00:00"}, "rates": {}})"),
       "models[0].periods[1].daily: a start and an end"},
      {"an empty part of the day",
       with_later_period(R"({"daily": {"start": "01:00:00", "end": "01:00:00"}, "rates": {}})"),
       "models[0].periods[1].daily: a start and an end"},
      {"a rate of no class", with_rates(R"({"thoughts": 1})"),
       "models[0].periods[0].rates.thoughts: this key is unknown"},
      {"a rate twice", with_rates(R"({"input": 1, "input": 2})"), "rates.input: this key stands"},
      {"a negative rate", with_rates(R"({"input": -1})"), "rates.input: must lie between 0"},
      {"a huge rate", with_rates(R"({"input": 1000000000000001})"), "rates.input: must lie"},
      {"beyond 64 bits", with_rates(R"({"input": 18446744073709551615})"), "rates.input: a whole"},
      {"beyond all", with_rates(R"({"input": 1e999})"), "It is not JSON"},
      {"a fraction", with_rates(R"({"input": 1.0})"), "rates.input: a whole number"},
      {"a text for a rate", with_rates(R"({"input": "1"})"), "rates.input: a whole number"},
      {"null for a rate", with_rates(R"({"input": null})"), "rates.input: a whole number"},
      {"tiers no array", with_tiers("{}"), "long_context: an array"},
      {"a tier without rates", with_tiers(R"([{"input_tokens_over": 5}])"), "long_context[0]"},
      {"a tier without threshold", with_tiers(R"([{"rates": {}}])"), "long_context[0]"},
      {"a tier from 0", with_tiers(R"([{"input_tokens_over": 0, "rates": {}}])"),
       "long_context[0].input_tokens_over"},
      {"tiers that do not ascend",
       with_tiers(
           R"([{"input_tokens_over": 5, "rates": {}}, {"input_tokens_over": 5, "rates": {}}])"),
       "long_context[1]: tiers must ascend"},
      {"a negative window", book_json(R"({"id": "p/m", "context_window_tokens": -1})"),
       "models[0].context_window_tokens"},
      {"a window of 0", book_json(R"({"id": "p/m", "context_window_tokens": 0})"),
       "models[0].context_window_tokens"},
      {"a negative output limit", book_json(R"({"id": "p/m", "max_output_tokens": -1})"),
       "models[0].max_output_tokens"},
      {"a flag that is none", book_json(R"({"id": "p/m", "automatic_cache_writes": 1})"),
       "models[0].automatic_cache_writes"},
      {"an odd service tier",
       with_period(R"({"rates": {}, "service_tiers": {"flex": {"input": -1}}})"),
       "service_tiers.flex.input"},
  };
}

TEST(ReadBook, NamesThePlaceOfAFault) {
  for (const Row& row : hostile_rows()) {
    const Result<PriceBook> book = PriceBook::parse(row.json);
    ASSERT_FALSE(book) << row.what;
    EXPECT_EQ(book.error().code, "bad_price_book") << row.what;
    EXPECT_THAT(book.error().message, HasSubstr(row.place)) << row.what;
  }
}

TEST(ReadBook, RefusesWhatIsTooLarge) {
  EXPECT_THAT(PriceBook::parse(std::string(33 * 1024 * 1024, ' ')).error().message,
              HasSubstr("larger than 32 MB"));
}

TEST(ReadBook, TakesEveryFieldOfTheSchema) {
  const PriceBook book = parse_or_die(
      R"({"schema": 1, "version": "2026-11-23", "sources": [{"name": "x"}], "models": [
         {"id": "p/m/n", "names": ["a"], "dated": ["b"], "variants": ["c"], "starts_with": ["d"],
          "context_window_tokens": 9, "max_output_tokens": 0, "automatic_cache_writes": true,
          "source": "by hand", "periods": [{"rates": {"input": 1, "cached_input": 2,
          "cache_write_5m": 3, "cache_write_1h": 4, "output": 5, "input_audio": 6,
          "cached_input_audio": 7, "output_audio": 8, "web_search": 9, "request": 10},
          "long_context": [{"input_tokens_over": 5, "rates": {"input": 11}}],
          "service_tiers": {"flex": {"output": 12}}}]}]})");
  for (const char* name : {"m/n", "a", "b-20260101", "c-latest", "d-any"}) {
    const Result<Price> price = book.find("p", name, now());
    ASSERT_TRUE(price) << name;
    EXPECT_EQ(price->id, "p/m/n");
    EXPECT_EQ(price->provider, "p");
    EXPECT_EQ(price->model, "m/n");
    for (std::size_t i = 0; i < kTokenClassCount; ++i)
      EXPECT_EQ(price->rates.token[i], PicoUsd{static_cast<std::int64_t>(i) + 1});
    EXPECT_EQ(price->rates.fee[0], PicoUsd{9});
    EXPECT_EQ(price->rates.request, PicoUsd{10});
    EXPECT_EQ(price->long_context.at(0).rates[TokenClass::input], PicoUsd{11});
    EXPECT_EQ(price->service_tiers.at("flex")[TokenClass::output], PicoUsd{12});
    EXPECT_EQ(price->context_window_tokens, 9);
    EXPECT_EQ(price->max_output_tokens, 0);
    EXPECT_TRUE(price->automatic_cache_writes);
  }
}

}  // namespace
}  // namespace purser::pricing
