#include "purser/identity/request_rules.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "identity_test_support.h"

namespace purser::identity {
namespace {

using ledger::Scope;
using ledger::ScopeKind;
using ::testing::HasSubstr;
using ::testing::Not;
using Models = std::vector<std::string>;

TEST(MatchesPattern, AStarStandsForAnyBytes) {
  EXPECT_TRUE(matches_pattern("gpt-5", "gpt-5"));
  EXPECT_FALSE(matches_pattern("gpt-5", "gpt-5-mini"));
  EXPECT_FALSE(matches_pattern("gpt-5-mini", "gpt-5"));
  EXPECT_TRUE(matches_pattern("gpt-5*", "gpt-5"));
  EXPECT_TRUE(matches_pattern("gpt-5*", "gpt-5-mini"));
  EXPECT_TRUE(matches_pattern("*-mini", "gpt-5-mini"));
  EXPECT_TRUE(matches_pattern("*-mini*-2*", "gpt-5-mini-x-mini-2026"));
  EXPECT_FALSE(matches_pattern("*-mini", "gpt-5-mini-2026"));
  EXPECT_FALSE(matches_pattern("GPT-5", "gpt-5"));
  EXPECT_TRUE(matches_pattern("*", ""));
  EXPECT_FALSE(matches_pattern("", "x"));
}

// The plain reading of a pattern, by trying every split.
bool by_trying(std::string_view pattern, std::string_view text) {
  if (pattern.empty()) return text.empty();
  if (pattern[0] != '*')
    return !text.empty() && text[0] == pattern[0] && by_trying(pattern.substr(1), text.substr(1));
  for (std::size_t taken = 0; taken <= text.size(); ++taken)
    if (by_trying(pattern.substr(1), text.substr(taken))) return true;
  return false;
}

RC_GTEST_PROP(MatchesPattern, IsWhatItsPlainReadingSays, ()) {
  const auto letters = [](const char* all) {
    return rc::gen::container<std::string>(rc::gen::elementOf(std::string(all)));
  };
  const std::string pattern = (*letters("ab*")).substr(0, 8);
  const std::string text = (*letters("ab")).substr(0, 10);
  RC_ASSERT(matches_pattern(pattern, text) == by_trying(pattern, text));
}

TEST(AllowsModel, ByItsNameAndByItsProvider) {
  EXPECT_TRUE(allows_model({"claude-*", "gpt-5"}, "openai", "gpt-5"));
  EXPECT_FALSE(allows_model({"claude-*", "gpt-5"}, "openai", "gpt-5-mini"));
  EXPECT_TRUE(allows_model({"openai/*"}, "openai", "gpt-5-mini"));
  EXPECT_FALSE(allows_model({"openai/*"}, "other", "gpt-5-mini"));
  EXPECT_TRUE(allows_model({"meta/llama-*"}, "together", "meta/llama-4"));
  EXPECT_FALSE(allows_model({}, "openai", "gpt-5"));
  EXPECT_FALSE(allows_model({"*"}, "openai", std::string(1 << 20, 'a')));
}

class RequestRulesTest : public IdentityTest {
 protected:
  void SetUp() override {
    IdentityTest::SetUp();
    seed();
    sam = {ScopeKind::user, user_id("sam@example.com")};
    team = {ScopeKind::team, team_id("engineering")};
    workspace = {ScopeKind::workspace, store->workspace()};
  }
  std::string set(const Scope& scope, RequestRule rule) {
    return change(
        [&](store::Change& c) { return set_request_rule(c, scope, std::move(rule), by); });
  }
  RequestRules all() {
    ring->reload_directory();
    return ring->directory()->rules;
  }
  Scope sam, team, workspace;
};

TEST_F(RequestRulesTest, AreReadAsTheyWereSetAndAudited) {
  EXPECT_TRUE(all().empty());
  const RequestRule rule{usd(2), Models{"gpt-5*", "openai/\"odd\"\\*"}};
  ASSERT_EQ(set(sam, rule), "");
  ASSERT_EQ(set(team, {std::nullopt, Models{}}), "");
  ASSERT_EQ(set(workspace, {usd(50), std::nullopt}), "");
  const RequestRules rules = all();
  EXPECT_EQ(rules.size(), 3u);
  EXPECT_EQ(rules.at(sam), rule);
  EXPECT_EQ(rules.at(team), (RequestRule{std::nullopt, Models{}}));
  EXPECT_EQ(rules.at(workspace), (RequestRule{usd(50), std::nullopt}));
  ASSERT_EQ(set(sam, {usd(3), std::nullopt}), "");
  EXPECT_THAT(all_audit(), HasSubstr("rules.set user/sam@example.com "
                                     "{\"max_request_usd\":\"2\",\"models\":[\"gpt-5*\",\"openai/"
                                     "\\\"odd\\\"\\\\*\"]} {\"max_request_usd\":\"3\"} a test"));
  const std::string before = all_audit();
  ASSERT_EQ(set(sam, {usd(3), std::nullopt}), "");
  EXPECT_EQ(all_audit(), before) << "what changes nothing is no change";
  ASSERT_EQ(set(sam, {}), "");
  EXPECT_EQ(all().count(sam), 0u);
}

TEST_F(RequestRulesTest, AllThatApplyHold) {
  ledger::ScopeList scopes;
  for (const Scope& scope : {workspace, team, sam}) scopes.push_back(scope);
  RequestRules rules;
  EXPECT_FALSE(forbidding(rules, scopes, "openai", "gpt-5"));
  EXPECT_FALSE(request_ceiling(rules, scopes));
  rules[sam] = {usd(9), Models{"gpt-*"}};
  rules[team] = {usd(2), Models{"*"}};
  rules[workspace] = {usd(5), std::nullopt};
  rules[{ScopeKind::user, user_id("ada@example.com")}] = {usd(1), Models{}};
  EXPECT_FALSE(forbidding(rules, scopes, "openai", "gpt-5"));
  EXPECT_EQ(forbidding(rules, scopes, "anthropic", "claude-5"), sam);
  ASSERT_TRUE(request_ceiling(rules, scopes));
  EXPECT_EQ(request_ceiling(rules, scopes)->amount, usd(2));
  EXPECT_EQ(request_ceiling(rules, scopes)->scope, team);
}

TEST_F(RequestRulesTest, WhatCannotBeIsRefused) {
  EXPECT_EQ(set({ScopeKind::label, sam.id}, {usd(1), std::nullopt}), "bad_scope");
  EXPECT_EQ(set(sam, {Nanos{-1}, std::nullopt}), "bad_amount");
  for (const std::string& bad :
       {std::string(), std::string("a b"), std::string(201, 'x'), std::string("a\nb")}) {
    EXPECT_EQ(set(sam, {std::nullopt, Models{bad}}), "bad_models") << bad;
  }
  EXPECT_EQ(set(sam, {std::nullopt, Models(201, "x")}), "bad_models");
  EXPECT_THAT(all_audit(), Not(HasSubstr("rules.set")));
}

}  // namespace
}  // namespace purser::identity
