#include "api_test_support.h"

namespace purser::api {
namespace {

using ::testing::ElementsAre;

class CapCaseTest : public ApiTest {
 protected:
  // "name cost percent" of each part.
  static std::vector<std::string> parts(const Answer& answer, const char* by) {
    std::vector<std::string> rows;
    for (const auto& part : answer.body.at("breakdown").at(by).as_array()) {
      rows.push_back(text_at(part, "name") + " " + text_at(part, "cost_usd") + " " +
                     json::serialize(part.at("percent")));
    }
    return rows;
  }
  // As many days of use as the month has had, of the demo's first person.
  void spend_for_days(int days) {
    for (int i = 0; i < days; ++i) {
      spend(sam, {});
      env.advance(std::chrono::hours(24));
    }
  }
};

TEST_F(CapCaseTest, SaysPaceForecastWhoConsumedWhatAndThreeLimitsToChooseFrom) {
  spend_for_days(3);
  ASSERT_EQ(
      post("/api/v1/users", R"({"name":"Bo","email":"bo@example.com","teams":["engineering"]})")
          .status,
      201);
  spend(post("/api/v1/keys", R"({"user":"bo@example.com"})").text("key"), {});
  const auto answer = get("/api/v1/caps/" + cap_id("team", "engineering") + "/case");
  ASSERT_EQ(answer.status, 200) << json::serialize(answer.body);
  EXPECT_EQ(answer.text("subject"), "team engineering");
  EXPECT_EQ(text_at(answer.body.at("cap"), "limit_usd"), "5000");
  EXPECT_EQ(text_at(answer.body.at("pace"), "state"), "behind");
  EXPECT_THAT(text_at(answer.body.at("pace"), "text"), ::testing::EndsWith("behind pace."));
  EXPECT_NE(text_at(answer.body.at("forecast"), "total_usd"), "0");
  EXPECT_TRUE(answer.body.at("forecast").at("runs_out_at").is_null());
  EXPECT_EQ(text_at(answer.body.at("breakdown"), "total_usd"), "0.0091");
  EXPECT_THAT(parts(answer, "by_user"),
              ElementsAre("Sam Rivera 0.006825 7.5E1", "Bo 0.002275 2.5E1"));
  EXPECT_THAT(parts(answer, "by_model"), ElementsAre("openai/gpt-5 0.0091 1E2"));
  std::vector<std::string> limits;
  for (const auto& one : answer.body.at("suggestions").as_array())
    limits.push_back(text_at(one, "limit_usd"));
  EXPECT_THAT(limits, ElementsAre("6000", "7000", "8000"));
}

// What the case foretells is what the exposure says once the raise is made.
TEST_F(CapCaseTest, ForetellsTheExposure) {
  const std::string id = cap_id("user", "sam@example.com");
  const auto answer = get("/api/v1/caps/" + id + "/case?limit_usd=163.50");
  ASSERT_EQ(answer.status, 200) << json::serialize(answer.body);
  const auto& exposure = answer.body.at("exposure");
  EXPECT_EQ(text_at(exposure, "before_usd"), get("/api/v1/exposure").text("exposure_usd"));
  const auto& after = exposure.at("after").as_array();
  ASSERT_EQ(after.size(), 4u);
  EXPECT_EQ(text_at(after.back(), "limit_usd"), "163.5");
  for (const auto& one : after) {
    const std::string limit = text_at(one, "limit_usd");
    ASSERT_EQ(post("/api/v1/caps/" + id + "/raise", R"({"limit_usd":")" + limit + "\"}").status,
              200);
    EXPECT_EQ(text_at(one, "exposure_usd"), get("/api/v1/exposure").text("exposure_usd")) << limit;
    ASSERT_EQ(remove("/api/v1/caps/" + id + "/raise").status, 200);
  }
  EXPECT_EQ(get("/api/v1/caps/" + id + "/case?limit_usd=lots").error(), "bad_query");
}

TEST_F(CapCaseTest, OfACapOutsideTheExposureNothingChanges) {
  const auto cap = put("/api/v1/caps", R"({"scope":"label","name":"research","limit_usd":"5"})");
  ASSERT_EQ(cap.status, 200);
  const auto answer = get("/api/v1/caps/" + cap.text("id") + "/case");
  const auto& exposure = answer.body.at("exposure");
  for (const auto& one : exposure.at("after").as_array())
    EXPECT_EQ(text_at(one, "exposure_usd"), text_at(exposure, "before_usd"));
}

TEST_F(CapCaseTest, ATasksHasNeitherPaceNorForecast) {
  spend(sam, {.task = "t"});
  const auto cap =
      put("/api/v1/caps", R"({"scope":"task","name":"sam@example.com/t","period":"none",)"
                          R"("limit_usd":"1"})");
  const auto answer = get("/api/v1/caps/" + cap.text("id") + "/case");
  ASSERT_EQ(answer.status, 200) << json::serialize(answer.body);
  EXPECT_TRUE(answer.body.at("pace").is_null());
  EXPECT_TRUE(answer.body.at("forecast").is_null());
  EXPECT_EQ(text_at(answer.body.at("breakdown"), "total_usd"), "0.002275");
  EXPECT_EQ(answer.body.at("suggestions").as_array().size(), 3u);
}

TEST_F(CapCaseTest, NobodySeesWhatOthersSpentButTheirLeadsAndAdmins) {
  const auto path = [&](const char* scope, const char* name) {
    return "/api/v1/caps/" + cap_id(scope, name) + "/case";
  };
  const std::string team = path("team", "engineering");
  const std::string sams = path("user", "sam@example.com");
  const std::string whole = path("workspace", "");
  const std::string member = manage_key("member");
  for (const auto& each : {team, sams, whole})
    EXPECT_EQ(call("GET", each, "", member).error(), "forbidden") << each;
  EXPECT_EQ(call("GET", "/api/v1/caps/cap_00000000000000000000000000/case", "", member).error(),
            "forbidden");
  const std::string lead = manage_key("member", "engineering");
  EXPECT_EQ(call("GET", whole, "", lead).error(), "forbidden");
  const auto seen = call("GET", team, "", lead);
  ASSERT_EQ(seen.status, 200);
  EXPECT_TRUE(seen.body.at("exposure").is_null());
  EXPECT_EQ(call("GET", whole, "", manage_key("finance")).status, 200);
  EXPECT_EQ(get("/api/v1/caps/cap_00000000000000000000000000/case").error(), "unknown_cap");
}

}  // namespace
}  // namespace purser::api
