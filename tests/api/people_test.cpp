// Users, teams, memberships, projects, labels, templates over the API.
#include "api_test_support.h"

namespace purser::api {
namespace {

using ::testing::HasSubstr;

class PeopleTest : public ApiTest {};

TEST_F(PeopleTest, AUserIsMadeReadChangedDeactivated) {
  const auto made = post("/api/v1/users",
                         R"({"name":"Ana López","email":"ana@example.com","teams":["Marketing"],
                             "template":"analyst","reason":"new hire"})");
  ASSERT_EQ(made.status, 201) << json::serialize(made.body);
  EXPECT_EQ(made.text("role"), "member");
  EXPECT_EQ(text_at(made.body.at("teams").at(0), "name"), "marketing");
  const std::string id = made.text("id");
  EXPECT_EQ(get("/api/v1/users/" + id).text("email"), "ana@example.com");
  EXPECT_EQ(get("/api/v1/users/ANA@example.com").text("id"), id);
  const auto caps = get("/api/v1/caps?scope=user&name=ana@example.com");
  ASSERT_EQ(caps.items().size(), 1u);
  EXPECT_EQ(text_at(caps.items()[0], "limit_usd"), "75");
  EXPECT_EQ(text_at(caps.items()[0], "template"), "analyst");

  EXPECT_EQ(patch("/api/v1/users/" + id, R"({"name":"Ana L.","role":"finance"})").text("name"),
            "Ana L.");
  EXPECT_EQ(put("/api/v1/users/" + id + "/template", R"({"template":"engineer"})").status, 200);
  EXPECT_EQ(text_at(get("/api/v1/caps?scope=user&name=" + id).items()[0], "limit_usd"), "150");
  EXPECT_EQ(post("/api/v1/users/" + id + "/deactivate").text("active"), "false");
  EXPECT_EQ(post("/api/v1/users/" + id + "/reactivate").text("active"), "true");
}

TEST_F(PeopleTest, WithCapsOfTheirOwn) {
  const auto made = post("/api/v1/users", R"({"name":"Ana","email":"ana@example.com","caps":[
      {"limit_usd":"40"},{"period":"day","limit_usd":"4.50","enforcement":"watch"}]})");
  ASSERT_EQ(made.status, 201) << json::serialize(made.body);
  EXPECT_EQ(get("/api/v1/caps?scope=user&name=ana@example.com").items().size(), 2u);
  EXPECT_EQ(post("/api/v1/users", R"({"name":"B","email":"b@example.com","caps":[
      {"limit_usd":"40"}],"template":"intern"})")
                .error(),
            "bad_member");
  EXPECT_EQ(post("/api/v1/users", R"({"name":"B","email":"b@example.com","caps":[
      {"limit_usd":"40","period":"fortnight"}]})")
                .error(),
            "unknown_period");
}

TEST_F(PeopleTest, RefusalsAreFriendly) {
  const auto taken = post("/api/v1/users", R"({"name":"S","email":"SAM@example.com"})");
  EXPECT_EQ(taken.status, 409);
  EXPECT_EQ(taken.error(), "email_taken");
  const auto team =
      post("/api/v1/users", R"({"name":"A","email":"a@example.com","teams":["sales"]})");
  EXPECT_EQ(team.status, 404);
  EXPECT_THAT(team.message(), HasSubstr("engineering, marketing"));
  EXPECT_EQ(get("/api/v1/users/a@example.com").status, 404);  // nothing of it was kept
  EXPECT_EQ(post("/api/v1/users", R"({"name":"A","email":"a@b"})").error(), "bad_email");
  EXPECT_EQ(post("/api/v1/users", R"({"name":"A","email":"a@b.org","role":"king"})").error(),
            "bad_role");
  EXPECT_EQ(post("/api/v1/users/ada@example.com/deactivate").error(), "last_admin");
}

TEST_F(PeopleTest, AServiceAccount) {
  const auto made = post("/api/v1/users", R"({"kind":"service","name":"triage-bot",
      "owner_team":"marketing","alerts_to":"mia@example.com"})");
  ASSERT_EQ(made.status, 201) << json::serialize(made.body);
  EXPECT_TRUE(made.body.at("email").is_null());
  EXPECT_EQ(get("/api/v1/users/triage-bot").text("id"), made.text("id"));
  const auto key = post("/api/v1/keys", R"({"user":"triage-bot"})");
  ASSERT_EQ(key.status, 201) << json::serialize(key.body);
  const auto me = call("GET", "/api/v1/me", "", key.text("key"));
  EXPECT_EQ(text_at(me.body.at("user"), "kind"), "service");
}

TEST_F(PeopleTest, UsersInPages) {
  std::size_t seen = 0;
  std::string path = "/api/v1/users?limit=2";
  for (int pages = 0; pages < 5; ++pages) {
    const auto page = get(path);
    ASSERT_EQ(page.status, 200);
    seen += page.items().size();
    if (page.body.at("next").is_null()) break;
    path = "/api/v1/users?limit=2&after=" + page.text("next");
  }
  EXPECT_EQ(seen, 5u);
  EXPECT_EQ(get("/api/v1/users?team=marketing").items().size(), 2u);
}

TEST_F(PeopleTest, Teams) {
  const auto made = post("/api/v1/teams", R"({"name":"Sales","month_cap_usd":"500"})");
  ASSERT_EQ(made.status, 201);
  EXPECT_EQ(text_at(get("/api/v1/caps?scope=team&name=sales").items()[0], "limit_usd"), "500");
  EXPECT_EQ(patch("/api/v1/teams/sales", R"({"name":"Field Sales"})").text("name"), "Field Sales");
  EXPECT_EQ(get("/api/v1/teams/field%20sales").text("id"), made.text("id"));
  EXPECT_EQ(get("/api/v1/teams").items().size(), 3u);
  EXPECT_EQ(remove("/api/v1/teams/Field%20Sales?reason=reorganised").status, 200);
  EXPECT_EQ(get("/api/v1/teams/Field%20Sales").status, 404);
  EXPECT_EQ(post("/api/v1/teams", R"({"name":"ENGINEERING"})").error(), "name_taken");
  EXPECT_EQ(remove("/api/v1/teams/engineering").error(), "owns_services");
}

TEST_F(PeopleTest, Memberships) {
  const auto made = post("/api/v1/memberships", R"({"user":"sam@example.com","team":"marketing"})");
  ASSERT_EQ(made.status, 201);
  EXPECT_EQ(made.text("lead"), "false");
  const std::string path = "/api/v1/memberships/" + made.text("id");
  EXPECT_EQ(patch(path, R"({"lead":true})").text("lead"), "true");
  EXPECT_EQ(get("/api/v1/memberships?user=sam@example.com").items().size(), 2u);
  const auto unsaid = get("/api/v1/memberships");
  EXPECT_EQ(unsaid.error(), "bad_query");
  EXPECT_EQ(unsaid.message().find('?'), std::string::npos) << unsaid.message();
  EXPECT_EQ(post("/api/v1/memberships", R"({"user":"sam@example.com","team":"marketing"})").error(),
            "already_member");
  ASSERT_EQ(put("/api/v1/caps",
                R"({"scope":"membership","name":"marketing/sam@example.com","limit_usd":"20"})")
                .status,
            200);
  EXPECT_EQ(remove(path).status, 200);
  EXPECT_EQ(remove(path).status, 404);
  EXPECT_EQ(remove("/api/v1/memberships/nonsense").error(), "unknown_membership");
  EXPECT_TRUE(get("/api/v1/caps?scope=membership").items().empty());
}

TEST_F(PeopleTest, Projects) {
  const auto made = post("/api/v1/projects", R"({"name":"Apollo","teams":["marketing"]})");
  ASSERT_EQ(made.status, 201);
  EXPECT_NE(ring->directory()->find_project("apollo"), nullptr);
  EXPECT_EQ(patch("/api/v1/projects/apollo", R"({"teams":["marketing","engineering"]})")
                .body.at("teams")
                .as_array()
                .size(),
            2u);
  EXPECT_EQ(get("/api/v1/projects/Apollo").status, 200);
  EXPECT_EQ(get("/api/v1/projects").items().size(), 3u);
  EXPECT_EQ(post("/api/v1/projects", R"({"name":"B","teams":["sales"]})").error(), "unknown_team");
  EXPECT_EQ(remove("/api/v1/projects/apollo").status, 200);
  EXPECT_EQ(ring->directory()->find_project("apollo"), nullptr);
  EXPECT_EQ(get("/api/v1/projects/apollo").error(), "unknown_project");
}

TEST_F(PeopleTest, Labels) {
  ASSERT_EQ(post("/api/v1/labels", R"({"name":"translation"})").status, 201);
  EXPECT_EQ(patch("/api/v1/labels/translation", R"({"name":"localisation"})").status, 200);
  EXPECT_EQ(get("/api/v1/labels/localisation").status, 200);
  EXPECT_EQ(get("/api/v1/labels").items().size(), 5u);
  EXPECT_EQ(post("/api/v1/labels", R"({"name":"two words"})").error(), "bad_label");
  EXPECT_EQ(remove("/api/v1/labels/localisation").status, 200);
  EXPECT_EQ(get("/api/v1/labels/localisation").status, 404);
}

TEST_F(PeopleTest, ATemplateChangeReachesThoseWhoCarryIt) {
  ASSERT_EQ(post("/api/v1/templates", R"({"name":"trial","caps":[{"limit_usd":"5"}]})").status,
            201);
  ASSERT_EQ(
      post("/api/v1/users", R"({"name":"A","email":"a@example.com","template":"trial"})").status,
      201);
  const auto changed = patch("/api/v1/templates/trial", R"({"caps":[{"limit_usd":"9"},
      {"limit_usd":"1","period":"day"}],"default_for":"person"})");
  ASSERT_EQ(changed.status, 200) << json::serialize(changed.body);
  EXPECT_EQ(changed.text("caps_set"), "2");
  EXPECT_EQ(get("/api/v1/caps?scope=user&name=a@example.com").items().size(), 2u);
  EXPECT_TRUE(get("/api/v1/templates/standard").body.at("default_for").is_null());
  EXPECT_EQ(remove("/api/v1/templates/trial").error(), "default_template");
  EXPECT_EQ(remove("/api/v1/templates/standard").status, 200);
  EXPECT_EQ(get("/api/v1/templates").items().size(), 5u);
  EXPECT_EQ(get("/api/v1/templates/none").error(), "unknown_template");
  EXPECT_EQ(post("/api/v1/templates", R"({"name":"x","caps":[]})").error(), "uncapped");
}

}  // namespace
}  // namespace purser::api
