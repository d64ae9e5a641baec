#include "api_test_support.h"
#include "decimal.h"

namespace purser::api {
namespace {

class PricesTest : public ApiTest {};

TEST_F(PricesTest, AreListedAndSearched) {
  const auto all = get("/api/v1/prices");
  ASSERT_EQ(all.status, 200);
  EXPECT_EQ(all.items().size(), 2u);
  const auto found = get("/api/v1/prices?search=gpt-5");
  ASSERT_EQ(found.items().size(), 1u);
  EXPECT_EQ(text_at(found.items()[0].at("rates"), "input_usd_per_million"), "1.25");
  EXPECT_EQ(text_at(found.items()[0], "context_window_tokens"), "400000");
  const auto first = get("/api/v1/prices?limit=1");
  EXPECT_EQ(get("/api/v1/prices?limit=1&after=" + first.text("next")).items().size(), 1u);
}

TEST_F(PricesTest, ANegotiatedOneComesInForceAndEnds) {
  const auto set = put("/api/v1/prices", R"({"provider":"openai","model":"gpt-5",
      "input_usd_per_million":"0.9","max_output_tokens":1000,"reason":"contract 12"})");
  ASSERT_EQ(set.status, 200) << json::serialize(set.body);
  const auto price = prices->find("openai", "gpt-5", env.utc_now());
  ASSERT_TRUE(price);
  EXPECT_EQ(price->rates[pricing::TokenClass::input], PicoUsd{900000});
  EXPECT_EQ(price->rates[pricing::TokenClass::output], PicoUsd{10000000});
  EXPECT_EQ(price->max_output_tokens, 1000);
  EXPECT_THAT(price->version, ::testing::EndsWith(set.text("id")));
  EXPECT_EQ(get("/api/v1/prices?overrides=true").items().size(), 1u);
  EXPECT_EQ(remove("/api/v1/prices/" + set.text("id")).status, 200);
  EXPECT_EQ(prices->find("openai", "gpt-5", env.utc_now())->rates[pricing::TokenClass::input],
            PicoUsd{1250000});
  EXPECT_EQ(remove("/api/v1/prices/" + set.text("id")).error(), "unknown_price");
  EXPECT_EQ(remove("/api/v1/prices/x").error(), "unknown_price");
}

TEST_F(PricesTest, OneToComeWaits) {
  ASSERT_EQ(put("/api/v1/prices", R"({"provider":"anthropic","model":"claude-sonnet",
      "web_search_usd_per_call":"0.005","from":"2026-12-01"})")
                .status,
            200);
  const auto fee = [&](Instant at) {
    return prices->find("anthropic", "claude-sonnet", at)->rates.fee[0]->count;
  };
  EXPECT_EQ(fee(env.utc_now()), 10'000'000'000);
  EXPECT_EQ(fee(env.utc_now() + std::chrono::hours(24 * 9)), 5'000'000'000);
}

TEST_F(PricesTest, RefusesWhatIsNoPrice) {
  const auto refused = [&](std::string body) {
    return put("/api/v1/prices", std::move(body)).error();
  };
  EXPECT_EQ(refused(R"({"provider":"openai","model":"gpt-5"})"), "missing_member");
  EXPECT_EQ(refused(R"({"provider":"a/b","model":"x","input_usd_per_million":"1"})"), "bad_member");
  EXPECT_EQ(refused(R"({"provider":"a","model":"x","input_usd_per_million":"0.0000001"})"),
            "bad_amount");
  EXPECT_EQ(refused(R"({"provider":"a","model":"x","inputs":"1"})"), "unknown_member");
  EXPECT_EQ(refused(R"({"provider":"a","model":"x","input_usd_per_million":"1","from":"x"})"),
            "bad_time");
}

TEST(Decimals, AreExact) {
  EXPECT_EQ(pico_text(1), "0.000000000001");
  EXPECT_EQ(pico_text(2'500'000), "0.0000025");
  EXPECT_EQ(pico_text(0), "0");
  EXPECT_EQ(pico_text(3'000'000'000'000), "3");
  EXPECT_EQ(per_million_text(PicoUsd{1}), "0.000001");
  EXPECT_EQ(per_million_text(PicoUsd{15'000'000}), "15");
  EXPECT_EQ(*parse_per_million("2.5"), PicoUsd{2'500'000});
  EXPECT_EQ(*parse_each("0.01"), PicoUsd{10'000'000'000});
  EXPECT_EQ(parse_each("1001").error().code, "bad_amount");
}

}  // namespace
}  // namespace purser::api
