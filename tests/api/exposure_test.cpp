#include "api_test_support.h"

namespace purser::api {
namespace {

class ExposureTest : public ApiTest {};

TEST_F(ExposureTest, IsTheSumOfWhatTheCapsAllow) {
  const auto answer = get("/api/v1/exposure");
  ASSERT_EQ(answer.status, 200) << json::serialize(answer.body);
  EXPECT_EQ(answer.text("month"), "2026-11");
  EXPECT_EQ(answer.text("exposure_usd"), "350");  // 150 + 75 + 25 + 100
  EXPECT_EQ(answer.text("exact"), "true");
  EXPECT_TRUE(answer.body.at("unbounded").as_array().empty());
}

TEST_F(ExposureTest, FollowsTeamAndMembershipCaps) {
  ASSERT_EQ(put("/api/v1/caps", R"({"scope":"team","name":"engineering","limit_usd":"40"})").status,
            200);
  EXPECT_EQ(get("/api/v1/exposure").text("exposure_usd"), "140");
  ASSERT_EQ(put("/api/v1/caps",
                R"({"scope":"membership","name":"marketing/mia@example.com","limit_usd":"5"})")
                .status,
            200);
  EXPECT_EQ(get("/api/v1/exposure").text("exposure_usd"), "70");
  const auto raised =
      post("/api/v1/caps/" + cap_id("team", "engineering") + "/raise", R"({"limit_usd":"50"})");
  ASSERT_EQ(raised.status, 200);
  EXPECT_EQ(get("/api/v1/exposure").text("exposure_usd"), "80");
  EXPECT_EQ(get("/api/v1/exposure?month=2026-12").text("exposure_usd"), "70");
}

TEST_F(ExposureTest, KeepsWhatALeaverHasSpent) {
  const std::string ines = demo.people[2].key;
  spend(ines, {});
  ASSERT_EQ(post("/api/v1/users/ines@example.com/deactivate").status, 200);
  const auto answer = get("/api/v1/exposure");
  EXPECT_EQ(answer.text("exposure_usd"), "325.002275");
  EXPECT_EQ(answer.text("spent_usd"), "0.002275");
}

TEST_F(ExposureTest, NamesAMonth) {
  EXPECT_EQ(get("/api/v1/exposure?month=2026-13").error(), "bad_month");
  EXPECT_EQ(get("/api/v1/exposure?month=2027-01").text("from"), "2027-01-01T00:00:00Z");
}

}  // namespace
}  // namespace purser::api
