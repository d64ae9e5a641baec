// What an io thread keeps of its own: routes, and with all others the log of refusals.
#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>

#include "gateway_world.h"
#include "state.h"

namespace purser::gateway {
namespace {

using providers::Format;

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
