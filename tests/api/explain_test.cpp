#include "api_test_support.h"

namespace purser::api {
namespace {

class ExplainTest : public ApiTest {
 protected:
  static std::string path_of(const Id& id) { return "/api/v1/requests/" + to_text("req", id); }
};

TEST_F(ExplainTest, ShowsCountsTimesPrices) {
  const Id id = spend(sam, {.task = "ticket-1"});
  const auto answer = call("GET", path_of(id), "", sam);
  ASSERT_EQ(answer.status, 200) << json::serialize(answer.body);
  EXPECT_EQ(answer.text("state"), "settled");
  EXPECT_EQ(answer.text("hold_usd"), "1");
  EXPECT_EQ(answer.text("cost_usd"), "0.002275");
  EXPECT_EQ(text_at(answer.body.at("task"), "name"), "ticket-1");
  EXPECT_EQ(answer.body.at("caps").as_array().size(), 3u);
  EXPECT_EQ(text_at(answer.body.at("bound"), "input_tokens_at_most"), "1200");
  const auto& cost = answer.body.at("cost");
  EXPECT_EQ(text_at(cost, "adds_up"), "true");
  std::vector<std::string> lines;
  for (const auto& line : cost.at("lines").as_array()) {
    lines.push_back(text_at(line, "what") + " " + text_at(line, "count") + " × " +
                    text_at(line, "rate_usd") + " = " + text_at(line, "cost_usd"));
  }
  EXPECT_THAT(lines, ::testing::ElementsAre("input tokens 1000 × 0.00000125 = 0.00125",
                                            "cached_input tokens 200 × 0.000000125 = 0.000025",
                                            "output tokens 100 × 0.00001 = 0.001"));
}

TEST_F(ExplainTest, ShowsARequestInFlight) {
  const Id id = spend(sam, {.settle = false});
  const auto answer = get(path_of(id));
  ASSERT_EQ(answer.status, 200) << json::serialize(answer.body);
  EXPECT_EQ(answer.text("state"), "in_flight");
}

TEST_F(ExplainTest, IsForItsOwnerAndThoseAboveThem) {
  const Id id = spend(sam, {});
  EXPECT_EQ(call("GET", path_of(id), "", demo.people[1].key).status, 404);
  EXPECT_EQ(call("GET", path_of(id), "", manage_key("member")).status, 404);
  EXPECT_EQ(call("GET", path_of(id), "", manage_key("member", "marketing")).status, 404);
  EXPECT_EQ(call("GET", path_of(id), "", manage_key("member", "engineering")).status, 200);
  EXPECT_EQ(call("GET", path_of(id), "", manage_key("finance")).status, 200);
}

TEST_F(ExplainTest, ShowsARefusalToItsOwner) {
  const Id id = make_id(env);
  const auto who = ring->resolve(sam);
  refusals[to_text("req", id)] = R"({"id":")" + to_text("req", id) +
                                 R"(","at":"2026-11-23T15:00:00Z","refused":true,)"
                                 R"("code":"budget_exceeded","status":402,"message":"m",)"
                                 R"("user_id":")" +
                                 to_text("usr", (*who)->user) + R"(","details":{}})";
  const auto own = call("GET", path_of(id), "", sam);
  ASSERT_EQ(own.status, 200) << json::serialize(own.body);
  EXPECT_EQ(own.text("state"), "refused");
  EXPECT_EQ(text_at(own.body.at("refusal"), "code"), "budget_exceeded");
  EXPECT_EQ(get(path_of(id)).status, 200);
  EXPECT_EQ(call("GET", path_of(id), "", demo.people[1].key).status, 404);
  EXPECT_EQ(get(path_of(make_id(env))).error(), "unknown_request");
  EXPECT_EQ(get("/api/v1/requests/x").error(), "unknown_request");
}

TEST_F(ExplainTest, AnUnconfirmedCostIsCorrected) {
  const Id id = spend(sam, {.settle = false});
  restart();  // nobody knows how it ended
  EXPECT_EQ(get(path_of(id)).text("cost_usd"), "1");
  const auto cost = get(path_of(id)).body.at("cost");
  EXPECT_EQ(text_at(cost, "adds_up"), "true");
  ASSERT_EQ(cost.at("lines").as_array().size(), 1u);
  EXPECT_EQ(text_at(cost.at("lines").at(0), "what"),
            "the hold, in full: what was used is not known");
  EXPECT_EQ(text_at(cost.at("lines").at(0), "cost_usd"), "1");
  EXPECT_EQ(json::serialize(get(path_of(id)).body.at("flags")), R"(["unconfirmed"])");
  const auto corrected =
      post(path_of(id) + "/correct", R"({"cost_usd":"0.001","reason":"the provider's invoice"})");
  ASSERT_EQ(corrected.status, 200) << json::serialize(corrected.body);
  EXPECT_EQ(corrected.text("cost_usd"), "0.001");
  EXPECT_EQ(corrected.text("adjusted_usd"), "-0.999");
  EXPECT_EQ(text_at(get(path_of(id)).body.at("cost"), "adds_up"), "true");
  EXPECT_EQ(json::serialize(corrected.body.at("flags")), "[]");
  EXPECT_EQ(text_at(call("GET", "/api/v1/me", "", sam).body.at("caps").at(2), "spent_usd"),
            "0.001");
  EXPECT_EQ(post(path_of(make_id(env)) + "/correct", R"({"cost_usd":"1"})").error(),
            "unknown_request");
}

TEST_F(ExplainTest, EstimatesPassThrough) {
  const auto answer = call("POST", "/api/v1/estimate",
                           R"({"path":"/v1/chat/completions","request":{"model":"gpt-5"}})", sam);
  ASSERT_EQ(answer.status, 200);
  EXPECT_EQ(answer.text("would_pass"), "true");
  EXPECT_EQ(call("POST", "/api/v1/estimate", R"({"path":"/v1/x","request":{}})", sam).error(),
            "unknown_path");
  EXPECT_EQ(call("POST", "/api/v1/estimate", R"({"path":"/v1/x"})", sam).error(), "missing_member");
}

TEST_F(ExplainTest, OverspendsAreListedAndCleared) {
  spend(sam, {.hold = Nanos{1'000'000}});  // billed at 0.002275
  const auto open = get("/api/v1/overspends");
  ASSERT_EQ(open.items().size(), 1u) << json::serialize(open.body);
  EXPECT_EQ(text_at(open.items()[0], "overspend_usd"), "0.001275");
  const std::string model = text_at(open.items()[0], "model");
  EXPECT_TRUE(store->is_overspent(model));
  EXPECT_EQ(post("/api/v1/overspends/clear", R"({"model":")" + model + "\"}").status, 200);
  EXPECT_FALSE(store->is_overspent(model));
  EXPECT_TRUE(get("/api/v1/overspends").items().empty());
  EXPECT_EQ(get("/api/v1/overspends?all=true").items().size(), 1u);
  EXPECT_EQ(post("/api/v1/overspends/clear", R"({"model":"x"})").error(), "not_possible");
}

}  // namespace
}  // namespace purser::api
