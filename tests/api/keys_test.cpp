#include "api_test_support.h"

namespace purser::api {
namespace {

class KeysTest : public ApiTest {};

TEST_F(KeysTest, AKeyIsShownOnceAndWorks) {
  const auto made = post("/api/v1/keys", R"({"user":"sam@example.com","name":"ci",
      "default_project":"checkout-rewrite","default_label":"code-review","refusal_status":429,
      "cost_comment_in_streams":true})");
  ASSERT_EQ(made.status, 201) << json::serialize(made.body);
  const std::string text = made.text("key");
  EXPECT_TRUE(identity::is_well_formed_key(text));
  EXPECT_TRUE(text.starts_with(made.text("hint")));
  EXPECT_EQ(call("GET", "/api/v1/me", "", text).status, 200);
  const auto read = get("/api/v1/keys/" + made.text("id"));
  EXPECT_EQ(read.text("key"), "(absent)");
  EXPECT_EQ(read.text("refusal_status"), "429");
  EXPECT_EQ(json::serialize(get("/api/v1/keys").body).find(text.substr(8)), std::string::npos);
}

TEST_F(KeysTest, ItsTextIsInNoTableAndNoAuditEntry) {
  const std::string text = post("/api/v1/keys", R"({"user":"sam@example.com"})").text("key");
  ASSERT_TRUE(identity::is_well_formed_key(text));
  EXPECT_EQ(json::serialize(get("/api/v1/audit?limit=1000").body).find(text.substr(8, 10)),
            std::string::npos);
  store.reset();
  api.reset();
  for (const auto& entry : std::filesystem::recursive_directory_iterator(directory)) {
    if (!entry.is_regular_file()) continue;
    std::ifstream file(entry.path(), std::ios::binary);
    const std::string bytes((std::istreambuf_iterator<char>(file)),
                            std::istreambuf_iterator<char>());
    EXPECT_EQ(bytes.find(text.substr(8, 10)), std::string::npos) << entry.path();
  }
}

TEST_F(KeysTest, SettingsChangeAndClear) {
  const auto made =
      post("/api/v1/keys", R"({"user":"sam@example.com","default_project":"checkout-rewrite"})");
  const std::string path = "/api/v1/keys/" + made.text("id");
  EXPECT_EQ(patch(path, R"({"refusal_status":403,"default_label":"research"})").status, 200);
  const auto cleared = patch(
      path, R"({"refusal_status":null,"default_label":null,"default_project":null,"name":"n"})");
  ASSERT_EQ(cleared.status, 200) << json::serialize(cleared.body);
  EXPECT_TRUE(cleared.body.at("refusal_status").is_null());
  EXPECT_TRUE(cleared.body.at("default_label").is_null());
  EXPECT_TRUE(cleared.body.at("default_project").is_null());
  EXPECT_EQ(patch(path, R"({"refusal_status":500})").error(), "bad_refusal_status");
  EXPECT_EQ(patch(path, R"({"default_project":"nothing"})").error(), "unknown_project");
  EXPECT_EQ(post("/api/v1/keys", R"({"user":"mia@example.com",
      "default_project":"checkout-rewrite"})")
                .error(),
            "project_not_of_team");
  EXPECT_EQ(post("/api/v1/keys", R"({"user":"sam@example.com","kind":"manage",
      "default_label":"research"})")
                .error(),
            "not_for_manage_keys");
  EXPECT_EQ(get("/api/v1/keys/key_1").error(), "unknown_key_id");
}

TEST_F(KeysTest, ARevokedKeyIsRefusedEverywhere) {
  const auto made = post("/api/v1/keys", R"({"user":"sam@example.com"})");
  const std::string text = made.text("key");
  const auto before = ring->resolve(text);
  ASSERT_TRUE(before);
  const std::string path = "/api/v1/keys/" + made.text("id") + "/revoke";
  EXPECT_EQ(post(path, R"({"reason":"laptop lost"})").status, 200);
  EXPECT_EQ(post(path).error(), "already_revoked");
  EXPECT_EQ(call("GET", "/api/v1/me", "", text).status, 401);
  store::ReserveRequest request;
  request.attribution.user = (*before)->user;
  request.attribution.team = (*before)->team;
  request.attribution.membership = (*before)->membership;
  request.attribution.key = (*before)->key;
  request.reserve.request = make_id(env);
  request.reserve.scopes = store::scopes_of(store->workspace(), request.attribution);
  request.reserve.forms.push_back(Nanos{1});
  request.reserve.smallest = Nanos{1};
  request.identity_version = (*before)->identity_version;
  request.explanation = "{}";
  EXPECT_EQ(run(std::move(request)).status, store::StoreStatus::stale_identity);
  EXPECT_EQ(get("/api/v1/keys?user=sam@example.com").items().size(), 1u);
  EXPECT_EQ(get("/api/v1/keys?user=sam@example.com&revoked=true").items().size(), 2u);
}

TEST_F(KeysTest, AHolderRevokesTheirOwnAndNoOthers) {
  const std::string member = manage_key("member");
  const auto own = call("GET", "/api/v1/keys", "", member);
  const auto sams = get("/api/v1/keys?user=sam@example.com");
  EXPECT_EQ(
      call("POST", "/api/v1/keys/" + text_at(sams.items()[0], "id") + "/revoke", "", member).status,
      403);
  EXPECT_EQ(
      call("POST", "/api/v1/keys/" + text_at(own.items()[0], "id") + "/revoke", "", member).status,
      200);
  EXPECT_EQ(call("GET", "/api/v1/me", "", member).status, 401);
}

}  // namespace
}  // namespace purser::api
