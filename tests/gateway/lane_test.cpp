// What an io thread keeps of its own: routes, and with all others the log of refusals.
#include <gtest/gtest.h>

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

TEST(RefusalLogTest, KeepsTheNewestAndTellsThemApart) {
  RefusalLog log(3);
  ManualEnv env(Instant{}, 1);
  std::vector<Id> ids;
  for (int i = 0; i < 5; ++i) {
    KeptRefusal kept;
    kept.request = make_id(env);
    kept.status = 402;
    kept.message = "refusal " + std::to_string(i);
    ids.push_back(kept.request);
    log.add(std::move(kept));
  }
  EXPECT_FALSE(log.find(ids[0]));
  EXPECT_FALSE(log.find(ids[1]));
  for (std::size_t i = 2; i < 5; ++i) {
    const auto found = log.find(ids[i]);
    ASSERT_TRUE(found);
    EXPECT_EQ(found->message, "refusal " + std::to_string(i));
  }
  RefusalLog none(0);
  none.add({});
  EXPECT_FALSE(none.find(Id{}));
}

}  // namespace
}  // namespace purser::gateway
