#include "routing.h"

#include <gtest/gtest.h>

#include "gateway_world.h"
#include "models.h"

namespace purser::gateway {
namespace {

using providers::Dialect;
using providers::Format;

ProviderEntry entry(std::string name, ProviderKind kind, std::string key) {
  ProviderEntry made;
  made.name = made.price_as = std::move(name);
  made.kind = kind;
  made.api_key = std::move(key);
  return made;
}

class Routing : public ::testing::Test {
 protected:
  Routing() {
    options.providers.push_back(entry("openai", ProviderKind::openai, "sk-1"));
    options.providers.push_back(entry("anthropic", ProviderKind::anthropic, ""));
    options.providers.push_back(entry("openrouter", ProviderKind::compatible, "sk-2"));
    options.providers.push_back(entry("vllm", ProviderKind::compatible, ""));
    options.providers.back().needs_key = false;
    options.providers.back().models = {"llama-*"};
  }
  Result<Route> find(std::string_view model, Format format = Format::openai_chat) {
    return route(options, *test_prices(), format, model);
  }
  std::string code(std::string_view model, Format format = Format::openai_chat) {
    const auto found = find(model, format);
    return found ? "" : found.error().code;
  }
  GatewayOptions options;
};

TEST_F(Routing, ANameLeadsToTheProviderThatHasIt) {
  const auto found = find("gpt-5");
  ASSERT_TRUE(found) << found.error().message;
  EXPECT_EQ(found->entry, 0u);
  EXPECT_EQ(found->upstream_model, "gpt-5");
  EXPECT_EQ(found->dialect, Dialect::openai);
}

// Whose prices hold says nothing of which models it serves.
TEST_F(Routing, AnEntryThatIsPricedAsAnotherTakesNoneOfItsNames) {
  options.providers.push_back(entry("own-gateway", ProviderKind::compatible, "sk-3"));
  options.providers.back().price_as = "openai";
  const auto found = find("gpt-5");
  ASSERT_TRUE(found) << found.error().message;
  EXPECT_EQ(found->entry, 0u);
  EXPECT_EQ(find("own-gateway/gpt-5")->entry, options.providers.size() - 1);
}

TEST_F(Routing, OnlyModelsThatCanBeBoundedAreListed) {
  const std::string listed = list_models(options, *test_prices(), system_env().utc_now(), false,
                                         [](auto, auto) { return true; });
  EXPECT_NE(listed.find("\"gpt-5\""), std::string::npos);
  for (const auto& each : test_prices()->list(system_env().utc_now())) {
    if (each.price.provider != "openai" || each.price.context_window_tokens) continue;
    EXPECT_EQ(listed.find("\"" + each.price.model + "\""), std::string::npos) << each.price.model;
  }
}

TEST_F(Routing, APrefixPicksTheEntryAndIsCutOff) {
  const auto found = find("openrouter/openai/gpt-5");
  ASSERT_TRUE(found) << found.error().message;
  EXPECT_EQ(found->entry, 2u);
  EXPECT_EQ(found->upstream_model, "openai/gpt-5");
  EXPECT_EQ(found->dialect, Dialect::compatible);
}

TEST_F(Routing, AnEntrysOwnPatternsComeFirst) {
  const auto found = find("llama-3-8b");
  ASSERT_TRUE(found) << found.error().message;
  EXPECT_EQ(found->entry, 3u);
}

TEST_F(Routing, TwoEntriesOfOneNameAreAmbiguous) {
  options.providers[2].models = {"llama-3-8b"};
  EXPECT_EQ(code("llama-3-8b"), "ambiguous_model");
  EXPECT_TRUE(find("vllm/llama-3-8b"));
}

TEST_F(Routing, AnUnknownNameIsRefused) {
  EXPECT_EQ(code("no-such-model-anywhere"), "unknown_model");
}

TEST_F(Routing, TheWrongFormatIsRefusedWithTheRightEndpoint) {
  const auto found = find("claude-sonnet-4-5");
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().code, "wrong_endpoint");
  EXPECT_NE(found.error().message.find("/v1/messages"), std::string::npos);
  EXPECT_EQ(code("gpt-5", Format::anthropic_messages), "wrong_endpoint");
}

TEST_F(Routing, WithoutAKeyTheSandboxAnswersOnlyWhereItIsOn) {
  EXPECT_EQ(code("claude-sonnet-4-5", Format::anthropic_messages), "no_provider_key");
  options.sandbox = true;
  const auto found = find("claude-sonnet-4-5", Format::anthropic_messages);
  ASSERT_TRUE(found) << found.error().message;
  EXPECT_TRUE(found->by_sandbox);
  EXPECT_EQ(found->price_provider, "anthropic");
  EXPECT_FALSE(find("gpt-5")->by_sandbox);
}

}  // namespace
}  // namespace purser::gateway
