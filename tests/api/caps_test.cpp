#include "api_test_support.h"

namespace purser::api {
namespace {

class CapsTest : public ApiTest {};

TEST_F(CapsTest, AreSetOnEveryKindOfScope) {
  const std::string key = text_at(get("/api/v1/keys?user=sam@example.com").items()[0], "id");
  const std::pair<std::string, std::string> scopes[] = {
      {"workspace", ""},
      {"team", "engineering"},
      {"user", "sam@example.com"},
      {"membership", "engineering/sam@example.com"},
      {"project", "checkout-rewrite"},
      {"key", key},
      {"label", "research"}};
  for (const auto& [scope, name] : scopes) {
    const auto set =
        put("/api/v1/caps", R"({"scope":")" + scope + R"(","name":")" + name +
                                R"(","period":"week","limit_usd":"7.5","reason":"a trial"})");
    ASSERT_EQ(set.status, 200) << json::serialize(set.body);
    EXPECT_EQ(set.text("limit_usd"), "7.5");
    EXPECT_EQ(set.text("scope"), scope);
    EXPECT_EQ(set.text("resets_at"), "2026-11-30T00:00:00Z");
    EXPECT_EQ(get("/api/v1/caps/" + set.text("id")).text("id"), set.text("id"));
    EXPECT_FALSE(get("/api/v1/caps?scope=" + scope).items().empty());
  }
  const auto task =
      put("/api/v1/caps", R"({"scope":"task","name":"sam@example.com/ticket-1","limit_usd":"2"})");
  ASSERT_EQ(task.status, 200) << json::serialize(task.body);
  EXPECT_TRUE(task.body.at("resets_at").is_null());
  EXPECT_EQ(task.text("period"), "none");
}

TEST_F(CapsTest, RefuseWhatIsNotAScope) {
  EXPECT_EQ(put("/api/v1/caps", R"({"scope":"galaxy","limit_usd":"1"})").error(), "bad_scope");
  EXPECT_EQ(put("/api/v1/caps", R"({"scope":"team","name":"x","limit_usd":"1"})").error(),
            "unknown_team");
  EXPECT_EQ(put("/api/v1/caps", R"({"scope":"membership","name":"x","limit_usd":"1"})").error(),
            "unknown_membership");
  EXPECT_EQ(put("/api/v1/caps", R"({"scope":"task","name":"x","limit_usd":"1"})").error(),
            "unknown_task");
  EXPECT_EQ(put("/api/v1/caps", R"({"scope":"key","name":"x","limit_usd":"1"})").error(),
            "unknown_key_id");
  EXPECT_EQ(put("/api/v1/caps", R"({"scope":"team","name":"engineering","limit_usd":"1",
      "enforcement":"soft"})")
                .error(),
            "bad_member");
  EXPECT_EQ(put("/api/v1/caps", R"({"scope":"team","name":"engineering"})").error(),
            "missing_member");
  EXPECT_EQ(get("/api/v1/caps?name=engineering").error(), "bad_query");
  EXPECT_EQ(get("/api/v1/caps?scope=galaxy").error(), "bad_scope");
  EXPECT_EQ(get("/api/v1/caps/cap_1").error(), "unknown_cap");
}

TEST_F(CapsTest, AtMostFourOfAScope) {
  for (const auto* period : {"day", "week", "quarter"}) {
    EXPECT_EQ(
        put("/api/v1/caps", R"({"scope":"team","name":"engineering","limit_usd":"1","period":")" +
                                std::string(period) + "\"}")
            .status,
        200);
  }
  const auto fifth = put(
      "/api/v1/caps", R"({"scope":"team","name":"engineering","limit_usd":"1","period":"year"})");
  EXPECT_EQ(fifth.status, 409);
  EXPECT_EQ(fifth.error(), "too_many_caps");
}

TEST_F(CapsTest, RaiseForTheCycleUntilATimeAndForGood) {
  const std::string id = cap_id("user", "sam@example.com");
  const std::string path = "/api/v1/caps/" + id + "/raise";
  const auto cycle = post(path, R"({"limit_usd":"200","reason":"launch week"})");
  ASSERT_EQ(cycle.status, 200) << json::serialize(cycle.body);
  EXPECT_EQ(cycle.text("limit_usd"), "200");
  EXPECT_EQ(cycle.text("base_limit_usd"), "150");
  EXPECT_EQ(text_at(cycle.body.at("raise"), "until"), "2026-12-01T00:00:00Z");
  EXPECT_EQ(remove(path).text("limit_usd"), "150");
  EXPECT_EQ(remove(path).error(), "not_possible");

  const auto until = post(path, R"({"by_usd":"10","until":"2026-11-25"})");
  EXPECT_EQ(until.text("limit_usd"), "160");
  EXPECT_EQ(text_at(until.body.at("raise"), "until"), "2026-11-25T00:00:00Z");
  EXPECT_EQ(post(path, R"({"limit_usd":"100"})").error(), "not_possible");
  EXPECT_EQ(post(path, R"({"limit_usd":"999","until":"2026-01-01"})").error(), "bad_time");
  EXPECT_EQ(post(path, R"({"limit_usd":"999","until":"soon"})").error(), "bad_time");
  EXPECT_EQ(post(path, R"({"limit_usd":"999","by_usd":"1"})").error(), "bad_member");

  const auto good = post(path, R"({"limit_usd":"300","until":"for_good"})");
  EXPECT_EQ(good.text("base_limit_usd"), "300");
  EXPECT_TRUE(good.body.at("raise").is_null());
  EXPECT_TRUE(good.body.at("template").is_null());
}

TEST_F(CapsTest, ATasksCapHasNoCycleAndIsRaisedForGood) {
  const auto cap =
      put("/api/v1/caps", R"({"scope":"task","name":"sam@example.com/t","period":"none",)"
                          R"("limit_usd":"1"})");
  ASSERT_EQ(cap.status, 200);
  const auto raised = post("/api/v1/caps/" + cap.text("id") + "/raise", R"({"limit_usd":"2"})");
  ASSERT_EQ(raised.status, 200) << json::serialize(raised.body);
  EXPECT_EQ(raised.text("base_limit_usd"), "2");
  EXPECT_TRUE(raised.body.at("raise").is_null());
}

TEST_F(CapsTest, ReallocateBetweenTwo) {
  const std::string from = cap_id("team", "engineering");
  const std::string to = cap_id("team", "marketing");
  const auto moved = post("/api/v1/caps/reallocate",
                          R"({"from":")" + from + R"(","to":")" + to + R"(","amount_usd":"1000"})");
  ASSERT_EQ(moved.status, 200) << json::serialize(moved.body);
  EXPECT_EQ(text_at(moved.body.at("from"), "limit_usd"), "4000");
  EXPECT_EQ(text_at(moved.body.at("to"), "limit_usd"), "4000");
  EXPECT_EQ(text_at(moved.body.at("to"), "base_limit_usd"), "3000");
}

TEST_F(CapsTest, AReallocationThatCannotBeSaysWhy) {
  const std::string from = cap_id("team", "engineering");
  const std::string to = cap_id("team", "marketing");
  spend(sam, {.hold = Nanos{40 * kNanosPerUsd}, .settle = false});
  const auto why = [&](const std::string& giver, const std::string& taker,
                       const std::string& amount, const std::string& more = "") {
    const auto refused =
        post("/api/v1/caps/reallocate", R"({"from":")" + giver + R"(","to":")" + taker +
                                            R"(","amount_usd":")" + amount + "\"" + more + "}");
    EXPECT_EQ(refused.status, 409);
    EXPECT_EQ(refused.error(), "not_possible");
    return refused.message();
  };
  EXPECT_EQ(why(from, to, "4960.000000001"),
            "The giving cap would fall below what is spent and held: of USD 5000, USD 0 are spent "
            "and USD 40 held. It can give at most USD 4960.");
  EXPECT_THAT(why(from, from, "1"), ::testing::HasSubstr("two different"));
  EXPECT_THAT(why(from, to, "0"), ::testing::HasSubstr("above 0"));
  const std::string day =
      put("/api/v1/caps", R"({"scope":"team","name":"marketing","period":"day","limit_usd":"5"})")
          .text("id");
  EXPECT_THAT(why(from, day, "1"), ::testing::HasSubstr("from a month cap to a day cap"));
  const std::string watch = put("/api/v1/caps",
                                R"({"scope":"project","name":"checkout-rewrite","limit_usd":"9",
          "enforcement":"watch"})")
                                .text("id");
  EXPECT_THAT(why(watch, to, "1"), ::testing::HasSubstr("holds nobody"));
  ASSERT_EQ(post("/api/v1/caps/" + from + "/raise", R"({"limit_usd":"9000"})").status, 200);
  EXPECT_THAT(why(from, to, "6000", R"(,"until":"for_good")"),
              ::testing::HasSubstr("at most its own limit of USD 5000"));
  EXPECT_EQ(get("/api/v1/audit?action=cap.reallocate").items().size(), 0u);
  EXPECT_EQ(get("/api/v1/caps/" + to).text("limit_usd"), "3000");

  const auto moved =
      post("/api/v1/caps/reallocate", R"({"from":")" + from + R"(","to":")" + to +
                                          R"(","amount_usd":"1000","until":"for_good"})");
  ASSERT_EQ(moved.status, 200) << json::serialize(moved.body);
  EXPECT_EQ(text_at(moved.body.at("from"), "base_limit_usd"), "4000");
  EXPECT_EQ(text_at(moved.body.at("from"), "limit_usd"), "8000");
  EXPECT_EQ(text_at(moved.body.at("to"), "base_limit_usd"), "4000");

  // For a time, there is one end; and what was moved away is moved back, not raised back.
  const std::string later = R"(,"until":"2027-01-15")";
  EXPECT_THAT(why(from, to, "1", later), ::testing::HasSubstr("until 2026-12-01T00:00:00Z"));
  ASSERT_EQ(post("/api/v1/caps/reallocate",
                 R"({"from":")" + to + R"(","to":")" + from + R"(","amount_usd":"10"})")
                .status,
            200);
  const auto refused = remove("/api/v1/caps/" + to + "/raise");
  EXPECT_EQ(refused.error(), "not_possible");
  EXPECT_THAT(refused.message(), ::testing::HasSubstr("Move it back"));
}

TEST_F(CapsTest, ARaiseInForceIsGivenForLongerAndForGood) {
  const std::string id = cap_id("team", "engineering");
  const auto raise = [&](const std::string& until) {
    return post("/api/v1/caps/" + id + "/raise",
                R"({"limit_usd":"6000","until":")" + until + "\"}");
  };
  ASSERT_EQ(raise("cycle_end").status, 200);
  EXPECT_EQ(raise("cycle_end").error(), "not_possible");
  const auto longer = raise("2026-12-24");
  ASSERT_EQ(longer.status, 200) << json::serialize(longer.body);
  EXPECT_EQ(text_at(longer.body.at("raise"), "until"), "2026-12-24T00:00:00Z");
  const auto good = raise("for_good");
  ASSERT_EQ(good.status, 200) << json::serialize(good.body);
  EXPECT_EQ(good.text("base_limit_usd"), "6000");
  EXPECT_TRUE(good.body.at("raise").is_null());
}

TEST_F(CapsTest, NobodysLastCapEnds) {
  const std::string id = cap_id("user", "sam@example.com");
  const auto refused = remove("/api/v1/caps/" + id);
  EXPECT_EQ(refused.status, 409);
  EXPECT_EQ(refused.error(), "last_cap");
  ASSERT_EQ(put("/api/v1/caps",
                R"({"scope":"user","name":"sam@example.com","period":"day","limit_usd":"5"})")
                .status,
            200);
  EXPECT_EQ(remove("/api/v1/caps/" + id + "?reason=by%20the%20day").status, 200);
  EXPECT_EQ(get("/api/v1/caps/" + id).status, 404);
  EXPECT_EQ(remove("/api/v1/caps/" + cap_id("team", "marketing")).status, 200);
}

TEST_F(CapsTest, ACapMadeInMidCycleKnowsWhatWasSpent) {
  spend(sam, {});
  const auto set =
      put("/api/v1/caps",
          R"({"scope":"user","name":"sam@example.com","period":"day","limit_usd":"5"})");
  EXPECT_EQ(set.text("spent_usd"), "0.002275");
}

TEST_F(CapsTest, StopAndResume) {
  const auto stopped =
      post("/api/v1/stop", R"({"scope":"team","name":"engineering","reason":"a leak"})");
  ASSERT_EQ(stopped.status, 200) << json::serialize(stopped.body);
  EXPECT_EQ(stopped.text("stopped"), "true");
  const auto stops = get("/api/v1/stops");
  ASSERT_EQ(stops.items().size(), 1u);
  EXPECT_EQ(text_at(stops.items()[0], "reason"), "a leak");
  EXPECT_EQ(call("GET", "/api/v1/me", "", sam).status, 200);  // I7
  EXPECT_EQ(post("/api/v1/resume", R"({"scope":"team","name":"engineering"})").status, 200);
  EXPECT_TRUE(get("/api/v1/stops").items().empty());
  EXPECT_EQ(post("/api/v1/resume", R"({"scope":"team","name":"engineering"})").error(),
            "not_possible");
  EXPECT_EQ(post("/api/v1/stop", R"({"scope":"team","name":"engineering"})").error(),
            "missing_member");
}

TEST_F(CapsTest, InPages) {
  std::size_t seen = 0;
  std::string path = "/api/v1/caps?limit=3";
  for (int pages = 0; pages < 10; ++pages) {
    const auto page = get(path);
    ASSERT_EQ(page.status, 200);
    seen += page.items().size();
    if (page.body.at("next").is_null()) break;
    path = "/api/v1/caps?limit=3&after=" + page.text("next");
  }
  EXPECT_EQ(seen, 8u);  // workspace, two teams, five users
}

}  // namespace
}  // namespace purser::api
