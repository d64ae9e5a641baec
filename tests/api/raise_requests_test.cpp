// Asking for a raise, and what becomes of it.
#include "api_test_support.h"

namespace purser::api {
namespace {

using ::testing::HasSubstr;

class RaiseRequestsTest : public ApiTest {
 protected:
  static constexpr const char* kPath = "/api/v1/raise-requests";

  Answer ask(const std::string& key, const std::string& more = "") {
    return call("POST", kPath, R"({"reason":"the release is on Friday")" + more + "}", key);
  }
  Answer decide(const std::string& id, const std::string& how, const std::string& body,
                const std::string& key) {
    return call("POST", std::string(kPath) + "/" + id + "/" + how, body, key);
  }
  static std::string about(const std::string& cap) { return R"(,"cap":")" + cap + "\""; }
  std::string limit_of(const std::string& cap) {
    return get("/api/v1/caps/" + cap).text("limit_usd");
  }
  std::vector<json::value> events(store::EventKind kind) {
    std::vector<json::value> found;
    store->read([&](store::Sql& sql) {
      sql.each("SELECT body FROM outbox WHERE workspace = ?1 AND kind = ?2 ORDER BY sequence",
               {store->workspace(), static_cast<int>(kind)},
               [&](const store::Row& row) { found.push_back(json::parse(row.text(0))); });
    });
    return found;
  }
};

TEST_F(RaiseRequestsTest, AskedWithAUseKeyAndGrantedWithAnotherAmount) {
  const auto asked = ask(sam, R"(,"limit_usd":"200")");
  ASSERT_EQ(asked.status, 201) << json::serialize(asked.body);
  const std::string cap = cap_id("user", "sam@example.com");
  EXPECT_EQ(text_at(asked.body.at("cap"), "id"), cap);
  EXPECT_EQ(text_at(asked.body.at("asked_by"), "name"), "Sam Rivera");
  EXPECT_EQ(asked.text("state"), "open");
  EXPECT_EQ(asked.text("limit_usd"), "200");
  EXPECT_EQ(asked.text("expires_at"), "2026-11-30T15:00:00Z");

  const auto granted =
      decide(asked.text("id"), "grant", R"({"by_usd":"25","word":"until Friday"})", admin);
  ASSERT_EQ(granted.status, 200) << json::serialize(granted.body);
  EXPECT_EQ(granted.text("state"), "granted");
  EXPECT_EQ(granted.text("limit_usd"), "200");
  EXPECT_EQ(granted.text("granted_limit_usd"), "175");
  EXPECT_EQ(granted.text("granted_until"), "2026-12-01T00:00:00Z");
  EXPECT_EQ(granted.text("word"), "until Friday");
  EXPECT_EQ(text_at(granted.body.at("decided_by"), "name"), "Ada Admin");
  EXPECT_EQ(limit_of(cap), "175");
  EXPECT_EQ(decide(asked.text("id"), "grant", R"({"by_usd":"25"})", admin).error(),
            "raise_request_ended");

  const auto told = events(store::EventKind::raise_decided);
  ASSERT_EQ(told.size(), 1u);
  EXPECT_EQ(text_at(told[0], "decision"), "granted");
  EXPECT_EQ(text_at(told[0], "limit_usd"), "200");
  EXPECT_EQ(text_at(told[0], "granted_limit_usd"), "175");
  EXPECT_EQ(text_at(told[0], "granted_until"), "2026-12-01T00:00:00Z");
  EXPECT_EQ(text_at(told[0], "asked_by_name"), "sam@example.com");
  EXPECT_EQ(text_at(told[0], "decided_by_name"), "ada@example.com");
  const auto heard = events(store::EventKind::raise_asked);
  ASSERT_EQ(heard.size(), 1u);
  EXPECT_EQ(text_at(heard[0], "reason"), "the release is on Friday");
  EXPECT_EQ(text_at(heard[0], "cap"), cap);
}

TEST_F(RaiseRequestsTest, GrantedForGoodAndUntilATime) {
  const std::string team = cap_id("team", "engineering");
  const auto first = ask(sam, about(team));
  const auto good =
      decide(first.text("id"), "grant", R"({"limit_usd":"6000","until":"for_good"})", admin);
  ASSERT_EQ(good.status, 200) << json::serialize(good.body);
  EXPECT_TRUE(good.body.at("granted_until").is_null());
  EXPECT_EQ(get("/api/v1/caps/" + team).text("base_limit_usd"), "6000");
  const auto second = ask(sam, about(team));
  const auto dated =
      decide(second.text("id"), "grant", R"({"limit_usd":"7000","until":"2026-11-25"})", admin);
  EXPECT_EQ(dated.text("granted_until"), "2026-11-25T00:00:00Z");
  EXPECT_EQ(limit_of(team), "7000");
}

TEST_F(RaiseRequestsTest, WithoutACapTheOneThatPausesIsMeant) {
  const std::string team = cap_id("team", "engineering");
  spend(sam, {});
  ASSERT_EQ(
      put("/api/v1/caps", R"({"scope":"team","name":"engineering","limit_usd":"0.001"})").status,
      200);
  EXPECT_EQ(text_at(ask(sam).body.at("cap"), "id"), team);
}

TEST_F(RaiseRequestsTest, AskingAgainFoldsIntoOne) {
  const auto first = ask(sam, R"(,"limit_usd":"200")");
  env.advance(std::chrono::hours(24));
  const auto again = call("POST", kPath, R"({"reason":"it is urgent","limit_usd":"300"})", sam);
  ASSERT_EQ(again.status, 201);
  EXPECT_EQ(again.text("id"), first.text("id"));
  EXPECT_EQ(again.text("times"), "2");
  EXPECT_EQ(again.text("limit_usd"), "300");
  EXPECT_EQ(again.text("reason"), "it is urgent");
  EXPECT_EQ(again.text("expires_at"), "2026-12-01T15:00:00Z");
  EXPECT_EQ(call("GET", kPath, "", sam).items().size(), 1u);
  const auto entries = get("/api/v1/audit?action=raise_request.");
  ASSERT_EQ(entries.items().size(), 2u);
  EXPECT_EQ(text_at(entries.items()[0].at("from"), "limit_usd"), "200");
  EXPECT_EQ(text_at(entries.items()[0].at("from"), "reason"), "the release is on Friday");
  EXPECT_EQ(text_at(entries.items()[0].at("to"), "limit_usd"), "300");
  EXPECT_EQ(text_at(entries.items()[0].at("to"), "scope"), "user/sam@example.com");
  for (int i = 3; i <= 20; ++i) EXPECT_EQ(ask(sam).status, 201);
  // Told: the first, the second a day later, the third for another amount, and none of the rest.
  EXPECT_EQ(events(store::EventKind::raise_asked).size(), 3u);
  EXPECT_EQ(ask(sam).error(), "too_many_raise_requests");
}

TEST_F(RaiseRequestsTest, NobodyGrantsTheirOwnUnlessTheSettingSaysSo) {
  const std::string cap = cap_id("team", "marketing");
  const auto asked = ask(admin, about(cap));
  ASSERT_EQ(asked.status, 201) << json::serialize(asked.body);
  const auto refused = decide(asked.text("id"), "grant", R"({"by_usd":"1"})", admin);
  EXPECT_EQ(refused.status, 403);
  EXPECT_EQ(refused.error(), "own_request");
  EXPECT_EQ(limit_of(cap), "3000");
  ASSERT_EQ(patch("/api/v1/settings", R"({"grant_own_requests":true})").status, 200);
  EXPECT_EQ(get("/api/v1/audit?limit=1").items()[0].at("to").at("grant_own_requests"), true);
  EXPECT_EQ(decide(asked.text("id"), "grant", R"({"by_usd":"1"})", admin).status, 200);
  EXPECT_EQ(limit_of(cap), "3001");
}

TEST_F(RaiseRequestsTest, DeclinedWithAWordAndWithdrawn) {
  const auto asked = ask(sam);
  EXPECT_EQ(decide(asked.text("id"), "decline", "{}", admin).error(), "missing_member");
  EXPECT_EQ(decide(asked.text("id"), "decline", R"({"word":" "})", admin).error(),
            "missing_member");
  const auto declined = decide(asked.text("id"), "decline", R"({"word":"use the mini"})", admin);
  ASSERT_EQ(declined.status, 200);
  EXPECT_EQ(declined.text("state"), "declined");
  EXPECT_EQ(decide(asked.text("id"), "withdraw", "{}", sam).error(), "raise_request_ended");

  const auto other = ask(sam);
  EXPECT_NE(other.text("id"), asked.text("id"));
  const std::string member = manage_key("member");
  EXPECT_EQ(decide(other.text("id"), "withdraw", "{}", member).status, 404);
  EXPECT_EQ(decide(other.text("id"), "withdraw", "{}", admin).status, 404);
  EXPECT_EQ(decide(other.text("id"), "withdraw", "{}", sam).text("state"), "withdrawn");
  EXPECT_EQ(decide(other.text("id"), "grant", R"({"by_usd":"1"})", admin).error(),
            "raise_request_ended");
  EXPECT_EQ(events(store::EventKind::raise_decided).size(), 2u);
  EXPECT_EQ(call("GET", std::string(kPath) + "?state=declined", "", sam).items().size(), 1u);
  EXPECT_EQ(get(std::string(kPath) + "?state=open").items().size(), 0u);
}

TEST_F(RaiseRequestsTest, AnExpiredOneIsDecidedNoMore) {
  const auto asked = ask(sam);
  env.advance(std::chrono::hours(7 * 24));
  EXPECT_EQ(get(std::string(kPath) + "/" + asked.text("id")).text("state"), "expired");
  EXPECT_EQ(get(std::string(kPath) + "?state=expired").items().size(), 1u);
  EXPECT_EQ(get(std::string(kPath) + "?state=open").items().size(), 0u);
  const auto refused = decide(asked.text("id"), "grant", R"({"by_usd":"1"})", admin);
  EXPECT_EQ(refused.error(), "raise_request_ended");
  EXPECT_THAT(refused.message(), HasSubstr("has expired"));
  const auto anew = ask(sam);
  ASSERT_EQ(anew.status, 201);
  EXPECT_NE(anew.text("id"), asked.text("id"));
  EXPECT_EQ(get("/api/v1/audit?action=raise_request.expire").items().size(), 1u);
}

TEST_F(RaiseRequestsTest, ARequestOfACapThatHasEndedIsNotGranted) {
  const std::string cap = cap_id("team", "engineering");
  const auto asked = ask(sam, about(cap));
  ASSERT_EQ(remove("/api/v1/caps/" + cap).status, 200);
  EXPECT_EQ(decide(asked.text("id"), "grant", R"({"by_usd":"1"})", admin).error(), "not_possible");
  const auto shown = get(std::string(kPath) + "/" + asked.text("id"));
  EXPECT_EQ(shown.text("state"), "open");
  EXPECT_TRUE(shown.body.at("cap").at("limit_usd").is_null());
  EXPECT_EQ(decide(asked.text("id"), "decline", R"({"word":"it has ended"})", admin).status, 200);
}

TEST_F(RaiseRequestsTest, AGrantThatCannotBeLeavesNothing) {
  const auto asked = ask(sam);
  const auto before = get("/api/v1/audit?limit=1").items()[0].at("sequence").as_int64();
  EXPECT_EQ(decide(asked.text("id"), "grant", R"({"limit_usd":"150"})", admin).error(),
            "not_possible");
  EXPECT_EQ(decide(asked.text("id"), "grant", "{}", admin).error(), "bad_member");
  EXPECT_EQ(get(std::string(kPath) + "/" + asked.text("id")).text("state"), "open");
  EXPECT_EQ(get("/api/v1/audit?limit=1").items()[0].at("sequence").as_int64(), before);
  EXPECT_TRUE(events(store::EventKind::raise_decided).empty());
}

TEST_F(RaiseRequestsTest, OnlyAboutWhatConcernsTheAsker) {
  const std::string member = manage_key("member");
  EXPECT_EQ(ask(sam, about(cap_id("user", "mia@example.com"))).status, 403);
  EXPECT_EQ(ask(sam, about(cap_id("team", "marketing"))).status, 403);
  EXPECT_EQ(ask(sam, about("cap_00000000000000000000000000")).status, 403);
  EXPECT_EQ(ask(sam, about("nonsense")).status, 404);
  EXPECT_EQ(ask(sam, about(cap_id("workspace", ""))).status, 201);
  EXPECT_EQ(ask(member, about(cap_id("team", "engineering"))).status, 403);
  const auto capped = [&](std::string_view scope, std::string_view name) {
    return put("/api/v1/caps", R"({"limit_usd":"5","scope":")" + std::string(scope) +
                                   R"(","name":")" + std::string(name) + "\"}")
        .text("id");
  };
  EXPECT_EQ(ask(sam, about(capped("project", "checkout-rewrite"))).status, 201);
  EXPECT_EQ(ask(demo.people[1].key, about(cap_id("project", "checkout-rewrite"))).status, 403);
  EXPECT_EQ(ask(sam, about(capped("label", "research"))).status, 201);
  EXPECT_EQ(call("POST", kPath, R"({"reason":" "})", sam).error(), "missing_member");
  EXPECT_EQ(call("POST", kPath, "{}", sam).error(), "missing_member");
  EXPECT_EQ(ask(sam, R"(,"limit_usd":"150")").error(), "not_possible");
  EXPECT_EQ(call("POST", kPath, R"({"reason":")" + std::string(501, 'x') + "\"}", sam).error(),
            "bad_member");
}

TEST_F(RaiseRequestsTest, WhoReadsWhich) {
  const std::string lead = manage_key("member", "marketing");
  const std::string member = manage_key("member");
  const auto sams = ask(sam);
  const auto mias = ask(demo.people[1].key);
  ASSERT_EQ(mias.status, 201);
  const auto workspace = ask(demo.people[1].key, about(cap_id("workspace", "")));
  ASSERT_EQ(workspace.status, 201);
  const auto count = [&](const std::string& key) {
    return call("GET", kPath, "", key).items().size();
  };
  EXPECT_EQ(count(admin), 3u);
  EXPECT_EQ(count(manage_key("finance")), 3u);
  EXPECT_EQ(count(sam), 1u);
  EXPECT_EQ(count(demo.people[1].key), 2u);
  EXPECT_EQ(count(lead), 1u);
  EXPECT_EQ(count(member), 0u);
  const auto reads = [&](const Answer& one, const std::string& key) {
    return call("GET", std::string(kPath) + "/" + one.text("id"), "", key).status;
  };
  EXPECT_EQ(reads(mias, lead), 200);
  EXPECT_EQ(reads(sams, lead), 404);
  EXPECT_EQ(reads(workspace, lead), 404);
  EXPECT_EQ(reads(mias, sam), 404);
  // A lead asks for a member of the team, too.
  EXPECT_EQ(ask(lead, about(cap_id("user", "ines@example.com"))).status, 201);
  EXPECT_EQ(ask(lead, about(cap_id("user", "sam@example.com"))).status, 403);
  EXPECT_EQ(count(lead), 2u);
  EXPECT_EQ(get(std::string(kPath) + "?state=perhaps").error(), "bad_query");
}

// An admin's use key is for AI requests: it shows no more than anybody's.
TEST_F(RaiseRequestsTest, AUseKeyOfAnAdminReadsItsHoldersOwn) {
  ask(sam);
  ASSERT_EQ(
      post("/api/v1/memberships", R"({"user":"ada@example.com","team":"marketing","lead":true})")
          .status,
      201);
  const std::string use =
      post("/api/v1/keys", R"({"user":"ada@example.com","kind":"use"})").text("key");
  EXPECT_EQ(call("GET", kPath, "", use).items().size(), 0u);
  EXPECT_EQ(ask(use, about(cap_id("user", "mia@example.com"))).status, 403);
}

TEST_F(RaiseRequestsTest, InPagesTheNewestFirst) {
  for (const char* scope : {"user", "team", "workspace"}) {
    const std::string name = std::string(scope) == "user"   ? "sam@example.com"
                             : std::string(scope) == "team" ? "engineering"
                                                            : "";
    env.advance(std::chrono::seconds(1));
    ASSERT_EQ(ask(sam, about(cap_id(scope, name))).status, 201);
  }
  std::vector<std::string> scopes;
  std::string path = std::string(kPath) + "?limit=2";
  for (int pages = 0; pages < 5; ++pages) {
    const auto page = get(path);
    for (const auto& one : page.items()) scopes.push_back(text_at(one.at("cap"), "scope"));
    if (page.body.at("next").is_null()) break;
    path = std::string(kPath) + "?limit=2&after=" + page.text("next");
  }
  EXPECT_THAT(scopes, ::testing::ElementsAre("workspace", "team", "user"));
}

TEST_F(RaiseRequestsTest, AKeyMadeIsAnnounced) {
  ASSERT_EQ(post("/api/v1/keys", R"({"user":"sam@example.com","name":"desk"})").status, 201);
  const auto told = events(store::EventKind::key_made).back();
  EXPECT_EQ(text_at(told, "name"), "desk");
  EXPECT_EQ(text_at(told, "user_name"), "sam@example.com");
  EXPECT_EQ(text_at(told, "by_name"), "ada@example.com");
  EXPECT_EQ(json::serialize(told).find("psr_"), std::string::npos);
}

}  // namespace
}  // namespace purser::api
