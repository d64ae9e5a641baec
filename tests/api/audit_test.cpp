// I6: every change leaves an entry that says who, when, from, to and why, and no secret.
#include "api_test_support.h"

namespace purser::api {
namespace {

class AuditTest : public ApiTest {
 protected:
  json::value newest() { return get("/api/v1/audit?limit=1").items().at(0); }
};

TEST_F(AuditTest, EveryChangeLeavesAnEntry) {
  const std::string cap = cap_id("user", "sam@example.com");
  const std::string team_cap = cap_id("team", "engineering");
  const std::string other_cap = cap_id("team", "marketing");
  struct Step {
    std::string method, path, body, action;
  };
  const Step steps[] = {
      {"POST", "/users", R"({"name":"Ana","email":"ana@example.com"})", "user.create"},
      {"PATCH", "/users/ana@example.com", R"({"name":"Ana L."})", "user.update"},
      {"PUT", "/users/ana@example.com/template", R"({"template":"intern"})", "cap."},
      {"POST", "/users/ana@example.com/deactivate", "{}", "user.deactivate"},
      {"POST", "/users/ana@example.com/reactivate", "{}", "user.reactivate"},
      {"POST", "/teams", R"({"name":"sales"})", "team.create"},
      {"PATCH", "/teams/sales", R"({"name":"field"})", "team.update"},
      {"POST", "/memberships", R"({"user":"ana@example.com","team":"field"})", "membership.create"},
      {"POST", "/keys", R"({"user":"ana@example.com"})", "key.create"},
      {"DELETE", "/teams/field", "", "team.end"},
      {"POST", "/projects", R"({"name":"p"})", "project.create"},
      {"PATCH", "/projects/p", R"({"name":"q"})", "project.update"},
      {"DELETE", "/projects/q", "", "project.end"},
      {"POST", "/labels", R"({"name":"l"})", "label.create"},
      {"PATCH", "/labels/l", R"({"name":"m"})", "label.update"},
      {"DELETE", "/labels/m", "", "label.end"},
      {"POST", "/templates", R"({"name":"t","caps":[{"limit_usd":"1"}]})", "template.create"},
      {"PATCH", "/templates/t", R"({"caps":[{"limit_usd":"2"}]})", "template.update"},
      {"DELETE", "/templates/t", "", "template.end"},
      {"PUT", "/caps", R"({"scope":"label","name":"research","limit_usd":"3"})", "cap."},
      {"POST", "/caps/" + cap + "/raise", R"({"limit_usd":"400"})", "cap."},
      {"DELETE", "/caps/" + cap + "/raise", "", "cap."},
      {"POST", "/caps/reallocate",
       R"({"from":")" + team_cap + R"(","to":")" + other_cap + R"(","amount_usd":"1"})", "cap."},
      {"DELETE", "/caps/" + team_cap, "", "cap."},
      {"POST", "/stop", R"({"scope":"user","name":"sam@example.com"})", "scope.stop"},
      {"POST", "/resume", R"({"scope":"user","name":"sam@example.com"})", "scope.resume"},
      {"PUT", "/prices", R"({"provider":"openai","model":"gpt-5","input_usd_per_million":"1"})",
       "price.set"},
      {"PATCH", "/settings", R"({"zone":"Europe/Berlin"})", "settings.update"},
      {"POST", "/clock/accept", "{}", "clock.accept"},
      {"POST", "/import", R"({"csv":"name,email\nBo,bo@example.com"})", "user.create"},
  };
  for (const auto& step : steps) {
    const auto before = newest().at("sequence").as_int64();
    const std::string reason = "because";
    std::string path = "/api/v1" + step.path;
    std::string body = step.body;
    if (step.method == "DELETE")
      path += "?reason=" + reason;
    else
      body.insert(1, "\"reason\":\"" + reason + "\"" + (body == "{}" ? "" : ","));
    const auto answer = call(step.method, path, body, admin);
    ASSERT_LT(answer.status, 300) << path << json::serialize(answer.body);
    bool found = false;
    const auto entries = get("/api/v1/audit?limit=20");
    for (const auto& entry : entries.items()) {
      if (entry.at("sequence").as_int64() <= before) break;
      if (!text_at(entry, "action").starts_with(step.action)) continue;
      found = true;
      EXPECT_EQ(text_at(entry, "actor_name"), "ada@example.com") << path;
      EXPECT_EQ(text_at(entry, "reason"), reason) << path;
      EXPECT_EQ(text_at(entry, "at"), "2026-11-23T15:00:00Z");
      EXPECT_EQ(text_at(entry, "hash").size(), 64u);
    }
    EXPECT_TRUE(found) << step.method << " " << path << " left no entry " << step.action << ": "
                       << json::serialize(get("/api/v1/audit?limit=3").body);
  }
}

TEST_F(AuditTest, IsFilteredByWhoWhatAndWhen) {
  const std::string finance = manage_key("finance");
  EXPECT_EQ(call("GET", "/api/v1/audit?action=key.", "", finance).items().size(), 6u);
  EXPECT_EQ(get("/api/v1/audit?actor=ada@example.com&action=user.").items().size(), 1u);
  EXPECT_EQ(get("/api/v1/audit?target=team/engineering").items().size(), 1u);
  EXPECT_TRUE(get("/api/v1/audit?from=2026-11-24").items().empty());
  EXPECT_TRUE(get("/api/v1/audit?to=2026-11-23").items().empty());
  EXPECT_FALSE(get("/api/v1/audit?from=2026-11-23&to=2026-11-24").items().empty());
  EXPECT_EQ(get("/api/v1/audit?from=yesterday").error(), "bad_time");
  EXPECT_EQ(get("/api/v1/audit?actor=nobody@example.com").error(), "unknown_user");
  EXPECT_EQ(get("/api/v1/audit?after=x").error(), "bad_query");
}

TEST_F(AuditTest, InPagesBackInTime) {
  std::int64_t last = INT64_MAX;
  std::string path = "/api/v1/audit?limit=7";
  for (int pages = 0; pages < 50; ++pages) {
    const auto page = get(path);
    for (const auto& entry : page.items()) {
      EXPECT_LT(entry.at("sequence").as_int64(), last);
      last = entry.at("sequence").as_int64();
    }
    if (page.body.at("next").is_null()) break;
    path = "/api/v1/audit?limit=7&after=" + page.text("next");
  }
  EXPECT_LE(last, 1);
}

TEST_F(AuditTest, TheChainHoldsAfterEverything) {
  ASSERT_EQ(patch("/api/v1/settings", R"({"name":"Example \"quoted\" Ltd"})").status, 200);
  api.reset();
  ring.reset();
  store.reset();
  const auto report = store::verify(directory);
  ASSERT_TRUE(report) << report.error().message;
  EXPECT_THAT(report->problems, ::testing::IsEmpty());
  EXPECT_GT(report->audit_entries, 20u);
}

}  // namespace
}  // namespace purser::api
