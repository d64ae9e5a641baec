// What an io thread keeps of its own: routes, and with all others the log of refusals.
#include <gtest/gtest.h>

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <fstream>
#include <iterator>

#include "gateway_world.h"
#include "purser/base/check.h"
#include "state.h"

namespace purser::gateway {
namespace {

using providers::Format;

// The price book, with OpenAI's models under another name.
std::shared_ptr<const pricing::PriceBook> prices_of_another_provider() {
  std::ifstream file(PURSER_SOURCE_DIR "/data/prices.json");
  std::string text(std::istreambuf_iterator<char>(file), {});
  const std::string name = "\"openai/";
  for (std::size_t at = 0; (at = text.find(name, at)) != std::string::npos;)
    text.replace(at, name.size(), "\"nobody/");
  auto parsed = pricing::PriceBook::parse(text);
  PURSER_ASSERT(parsed.ok());
  return std::make_shared<const pricing::PriceBook>(std::move(*parsed));
}

class LaneTest : public ::testing::Test {
 protected:
  std::shared_ptr<Upstreams> upstreams_of(std::string key, bool sandbox) {
    auto options = std::make_shared<GatewayOptions>();
    options->sandbox = sandbox;
    options->providers.emplace_back();
    options->providers.back().name = options->providers.back().price_as = "openai";
    options->providers.back().kind = ProviderKind::openai;
    options->providers.back().api_key = std::move(key);
    return std::make_shared<Upstreams>(io.get_executor(), std::move(options), &env, GatewaySeams{});
  }
  Result<Route> route(const std::shared_ptr<Upstreams>& by, std::string_view model = "gpt-5",
                      Format format = Format::openai_chat) {
    return lane.route(by, prices, format, model);
  }

  ManualEnv env{Instant{std::chrono::sys_days{std::chrono::year{2026} / 11 / 30}}, 1};
  boost::asio::io_context io;
  Lane lane{io, nullptr};
  std::shared_ptr<const pricing::PriceBook> prices = test_prices();
};

TEST_F(LaneTest, ARouteIsKeptUntilTheOptionsChange) {
  auto with_key = upstreams_of("sk-1", true);
  ASSERT_TRUE(route(with_key));
  EXPECT_FALSE(route(with_key)->by_sandbox);
  const auto without = upstreams_of("", true);
  EXPECT_TRUE(route(without)->by_sandbox);
  EXPECT_TRUE(route(without)->by_sandbox);
  // The same place in memory must not be taken for the same options.
  for (int i = 0; i < 20; ++i) {
    with_key.reset();
    with_key = upstreams_of(i % 2 == 0 ? "" : "sk-1", true);
    EXPECT_EQ(route(with_key)->by_sandbox, i % 2 == 0);
  }
}

TEST_F(LaneTest, ARouteIsKeptUntilThePricesChange) {
  const auto by = upstreams_of("sk-1", false);
  ASSERT_TRUE(route(by));
  prices = prices_of_another_provider();
  EXPECT_EQ(route(by).error().code, "unknown_model");
}

TEST_F(LaneTest, ARouteIsOfItsModelAndFormat) {
  const auto by = upstreams_of("sk-1", false);
  EXPECT_EQ(route(by)->upstream_model, "gpt-5");
  EXPECT_EQ(route(by, "openai/gpt-5")->upstream_model, "gpt-5");
  EXPECT_EQ(route(by, "gpt-5", Format::anthropic_messages).error().code, "wrong_endpoint");
  EXPECT_EQ(route(by, "no-such-model").error().code, "unknown_model");
  EXPECT_TRUE(route(by));
}

TEST_F(LaneTest, MoreModelsThanAreKeptAllHaveTheirRoutes) {
  auto options = std::make_shared<GatewayOptions>();
  options->providers.emplace_back();
  options->providers.back().name = options->providers.back().price_as = "own";
  options->providers.back().kind = ProviderKind::compatible;
  options->providers.back().api_key = "sk-1";
  options->providers.back().models = {"m-*"};
  const auto by = std::make_shared<Upstreams>(io.get_executor(), options, &env, GatewaySeams{});
  for (int round = 0; round < 2; ++round)
    for (int i = 0; i < 5000; ++i) {
      const std::string model = "m-" + std::to_string(i);
      ASSERT_EQ(route(by, model)->upstream_model, model);
    }
}

class RefusedRetriesTest : public LaneTest {
 protected:
  const Understood* find(const Id& key, std::string_view body, std::string_view betas = "",
                         Format format = Format::openai_chat) {
    return retries.find(key, {by, prices, format, betas, body});
  }
  void keep(const Id& key, std::string_view body) {
    Understood understood;
    understood.shape.model = body.substr(0, 10);
    retries.keep(key, {by, prices, Format::openai_chat, "", body}, understood);
  }

  std::shared_ptr<Upstreams> by = upstreams_of("sk-1", false);
  RefusedRetries retries;
  const Id ann = make_id(env), ben = make_id(env);
};

TEST_F(RefusedRetriesTest, TheSameBytesOfTheSameKeyAreKnownAgain) {
  keep(ann, "body");
  EXPECT_EQ(find(ann, "body"), nullptr) << "only of keys that were refused";
  retries.note(ann, true);
  EXPECT_TRUE(retries.contains(ann));
  EXPECT_EQ(find(ann, "body"), nullptr);
  keep(ann, "body");
  ASSERT_NE(find(ann, "body"), nullptr);
  EXPECT_EQ(find(ann, "body")->shape.model, "body");
  EXPECT_EQ(find(ben, "body"), nullptr);
  EXPECT_EQ(find(ann, "bodY"), nullptr);
  EXPECT_EQ(find(ann, "body", "beta"), nullptr);
  EXPECT_EQ(find(ann, "body", "", Format::openai_responses), nullptr);
  retries.note(ann, true);
  EXPECT_NE(find(ann, "body"), nullptr);
  retries.note(ann, false);
  EXPECT_FALSE(retries.contains(ann));
  EXPECT_EQ(find(ann, "body"), nullptr);
}

TEST_F(RefusedRetriesTest, OtherPricesOrOptionsMakeItNew) {
  retries.note(ann, true);
  keep(ann, "body");
  const auto same_prices = prices;
  prices = prices_of_another_provider();
  EXPECT_EQ(find(ann, "body"), nullptr);
  prices = same_prices;
  EXPECT_NE(find(ann, "body"), nullptr);
  by.reset();
  by = upstreams_of("sk-1", false);
  EXPECT_EQ(find(ann, "body"), nullptr);
}

TEST_F(RefusedRetriesTest, LargeBodiesAndTooManyAreNotKept) {
  const std::string large(16'385, 'x'), largest(16'384, 'x');
  retries.note(ann, true);
  keep(ann, large);
  EXPECT_EQ(find(ann, large), nullptr);
  keep(ann, largest);
  EXPECT_NE(find(ann, largest), nullptr);
  std::vector<Id> others;
  for (int i = 0; i < 300; ++i) {
    others.push_back(make_id(env));
    retries.note(others.back(), true);
    keep(others.back(), largest);
  }
  const auto kept = std::ranges::count_if(
      others, [&](const Id& other) { return find(other, largest) != nullptr; });
  EXPECT_EQ(kept, 255);  // 4 MiB in all
  // What goes makes room.
  retries.note(ann, false);
  keep(others.back(), largest);
  EXPECT_NE(find(others.back(), largest), nullptr);
}

TEST(RefusalLogTest, KeepsTheNewestAndTellsThemApart) {
  RefusalLog log(3);
  ManualEnv env(Instant{}, 1);
  std::vector<Id> ids;
  for (int i = 0; i < 5; ++i) {
    KeptRefusal kept;
    kept.status = 402;
    kept.message = "refusal " + std::to_string(i);
    ids.push_back(make_id(env));
    log.add(ids.back(), std::move(kept));
  }
  EXPECT_FALSE(log.find(ids[0]));
  EXPECT_FALSE(log.find(ids[1]));
  for (std::size_t i = 2; i < 5; ++i) {
    const auto found = log.find(ids[i]);
    ASSERT_TRUE(found);
    EXPECT_EQ(found->message, "refusal " + std::to_string(i));
  }
  RefusalLog none(0);
  none.add({}, {});
  EXPECT_FALSE(none.find(Id{}));
}

}  // namespace
}  // namespace purser::gateway
