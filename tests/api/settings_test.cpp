#include "api_test_support.h"

namespace purser::api {
namespace {

class SettingsTest : public ApiTest {};

TEST_F(SettingsTest, AreReadAndChanged) {
  const auto before = get("/api/v1/settings");
  ASSERT_EQ(before.status, 200);
  EXPECT_EQ(before.text("zone"), "UTC");
  const auto after = patch("/api/v1/settings", R"({"name":"Example Ltd","zone":"Europe/Berlin",
      "cycle_day":15,"first_weekday":7,"first_month":4,"allow_uncapped":true,"early_pace_alerts":true,
      "admin_contact":"Ask #ai-budget"})");
  ASSERT_EQ(after.status, 200) << json::serialize(after.body);
  EXPECT_EQ(get("/api/v1/settings").body, after.body);
  EXPECT_EQ(store->calendar()->settings().cycle_day, 15);
  EXPECT_EQ(after.text("early_pace_alerts"), "true");
  EXPECT_EQ(before.text("early_pace_alerts"), "false");
  EXPECT_EQ(ring->directory()->workspace_name, "Example Ltd");
  EXPECT_EQ(ring->directory()->admin_contact, "Ask #ai-budget");
  EXPECT_TRUE(ring->directory()->allow_uncapped);
  EXPECT_TRUE(
      patch("/api/v1/settings", R"({"admin_contact":null})").body.at("admin_contact").is_null());
  EXPECT_EQ(ring->directory()->admin_contact, "Ada Admin <ada@example.com>");
}

TEST_F(SettingsTest, RefuseWhatTheCalendarCannotDo) {
  EXPECT_EQ(patch("/api/v1/settings", R"({"zone":"Mars/Base"})").error(), "unknown_zone");
  EXPECT_EQ(patch("/api/v1/settings", R"({"cycle_day":29})").error(), "bad_member");
  EXPECT_EQ(patch("/api/v1/settings", R"({"first_month":0})").error(), "bad_member");
  EXPECT_EQ(patch("/api/v1/settings", R"({"name":" "})").error(), "bad_name");
  EXPECT_EQ(patch("/api/v1/settings", R"({"sandbox":true})").error(), "unknown_member");
  EXPECT_EQ(get("/api/v1/settings").text("zone"), "UTC");
}

TEST_F(SettingsTest, AnUnchangedSettingLeavesNoEntry) {
  const auto before = get("/api/v1/audit?limit=1").items()[0].at("sequence").as_int64();
  ASSERT_EQ(patch("/api/v1/settings", R"({"zone":"UTC"})").status, 200);
  EXPECT_EQ(get("/api/v1/audit?limit=1").items()[0].at("sequence").as_int64(), before);
}

TEST_F(SettingsTest, TheClockIsAcceptedByAnAdmin) {
  EXPECT_EQ(get("/api/v1/clock").text("in_doubt"), "false");
  env.step_utc(std::chrono::hours(5));
  const auto who = ring->resolve(sam);
  store::ReserveRequest request;
  request.attribution.user = (*who)->user;
  request.attribution.team = (*who)->team;
  request.attribution.membership = (*who)->membership;
  request.attribution.key = (*who)->key;
  request.reserve.request = make_id(env);
  request.reserve.scopes = store::scopes_of(store->workspace(), request.attribution);
  request.reserve.forms.push_back(Nanos{1});
  request.reserve.smallest = Nanos{1};
  request.identity_version = (*who)->identity_version;
  request.explanation = "{}";
  EXPECT_EQ(run(request).status, store::StoreStatus::clock_in_doubt);
  EXPECT_EQ(get("/api/v1/clock").text("in_doubt"), "true");
  EXPECT_EQ(post("/api/v1/clock/accept", R"({"reason":"NTP was off"})").text("in_doubt"), "false");
  request.reserve.request = make_id(env);
  EXPECT_EQ(run(request).status, store::StoreStatus::done);
}

}  // namespace
}  // namespace purser::api
