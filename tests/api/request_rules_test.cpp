#include "api_test_support.h"

namespace purser::api {
namespace {

using ::testing::ElementsAre;

class RequestRulesTest : public ApiTest {
 protected:
  static std::vector<std::string> rows(const json::array& rules) {
    std::vector<std::string> found;
    for (const auto& rule : rules)
      found.push_back(text_at(rule, "scope") + " " + text_at(rule, "name") + " " +
                      text_at(rule, "max_request_usd") + " " + json::serialize(rule.at("models")));
    return found;
  }
  std::vector<std::string> of(const std::string& key) {
    return rows(call("GET", "/api/v1/me", "", key).body.at("rules").as_array());
  }
};

TEST_F(RequestRulesTest, AreSetMemberByMemberAndToldToThoseTheyHoldFor) {
  const auto set = put("/api/v1/request-rules",
                       R"({"scope":"team","name":"engineering","max_request_usd":"2.50",)"
                       R"("models":["gpt-5*","openai/*"],"reason":"the pilot"})");
  ASSERT_EQ(set.status, 200) << json::serialize(set.body);
  EXPECT_EQ(set.text("max_request_usd"), "2.5");
  ASSERT_EQ(put("/api/v1/request-rules", R"({"scope":"workspace","max_request_usd":"9"})").status,
            200);
  ASSERT_EQ(
      put("/api/v1/request-rules", R"({"scope":"user","name":"ines@example.com","models":[]})")
          .status,
      200);
  EXPECT_THAT(of(sam), ElementsAre("workspace Workspace 9 null",
                                   R"(team engineering 2.5 ["gpt-5*","openai/*"])"));
  EXPECT_EQ(get("/api/v1/request-rules").items().size(), 3u);
  // What is not named stays; null takes it away; the last one takes the rule away.
  ASSERT_EQ(put("/api/v1/request-rules",
                R"({"scope":"team","name":"engineering","max_request_usd":null})")
                .status,
            200);
  EXPECT_THAT(of(sam), ElementsAre("workspace Workspace 9 null",
                                   R"(team engineering null ["gpt-5*","openai/*"])"));
  ASSERT_EQ(
      put("/api/v1/request-rules", R"({"scope":"team","name":"engineering","models":null})").status,
      200);
  EXPECT_THAT(of(sam), ElementsAre("workspace Workspace 9 null"));
  EXPECT_EQ(get("/api/v1/request-rules").items().size(), 2u);
}

TEST_F(RequestRulesTest, WhatCannotBeIsRefused) {
  const auto error = [&](const char* body) { return put("/api/v1/request-rules", body).error(); };
  EXPECT_EQ(error(R"({"scope":"team","name":"engineering"})"), "missing_member");
  EXPECT_EQ(error(R"({"scope":"label","name":"research","max_request_usd":"1"})"), "bad_scope");
  EXPECT_EQ(error(R"({"scope":"team","name":"nobody","max_request_usd":"1"})"), "unknown_team");
  EXPECT_EQ(error(R"({"scope":"workspace","max_request_usd":"lots"})"), "bad_amount");
  EXPECT_EQ(error(R"({"scope":"workspace","models":["a b"]})"), "bad_models");
  EXPECT_EQ(error(R"({"scope":"workspace","models":"gpt"})"), "bad_member");
}

}  // namespace
}  // namespace purser::api
