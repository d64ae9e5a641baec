#include "purser/identity/sign_in.h"

#include "api_test_support.h"

namespace purser::api {
namespace {

constexpr std::string_view kPassword = "correct horse battery";

class SignInApiTest : public ApiTest {
 protected:
  void SetUp() override {
    ApiTest::SetUp();
    cookie = session_of("ada@example.com");
  }
  Answer sign_in_with(std::string body) {
    auto request = by_browser("POST", "/api/v1/sign-in", "", std::move(body));
    return handle(request);
  }
  std::string session_of(const std::string& email) {
    const auto made = post("/api/v1/users/" + email + "/sign-in-secret");
    EXPECT_EQ(made.status, 201) << json::serialize(made.body);
    return cookie_of(sign_in_with(R"({"secret":")" + made.text("secret") + R"(","new_password":")" +
                                  std::string(kPassword) + "\"}"));
  }
  Answer browse(std::string method, std::string path, std::string body = "") {
    return handle(by_browser(std::move(method), std::move(path), cookie, std::move(body)));
  }
  std::string cookie;
};

TEST_F(SignInApiTest, TheCookieStandsForAManageKeyOfItsUser) {
  const auto me = browse("GET", "/api/v1/me");
  ASSERT_EQ(me.status, 200) << json::serialize(me.body);
  EXPECT_EQ(text_at(me.body.at("user"), "email"), "ada@example.com");
  EXPECT_TRUE(me.body.at("key").is_null());
  EXPECT_EQ(browse("POST", "/api/v1/teams", R"({"name":"sales"})").status, 201);
  EXPECT_EQ(get("/api/v1/audit?limit=1").items()[0].at("actor_name").as_string(),
            "ada@example.com");
  cookie = session_of("sam@example.com");
  EXPECT_EQ(browse("POST", "/api/v1/teams", R"({"name":"more"})").error(), "forbidden");
  EXPECT_EQ(browse("GET", "/api/v1/users/sam@example.com").status, 200);
  EXPECT_EQ(browse("GET", "/api/v1/audit").error(), "forbidden");
}

TEST_F(SignInApiTest, TheCookieIsOutOfReachOfScriptsAndOtherSites) {
  const auto answer =
      sign_in_with(R"({"email":"ada@example.com","password":")" + std::string(kPassword) + "\"}");
  ASSERT_EQ(answer.status, 200) << json::serialize(answer.body);
  std::string set;
  for (const auto& [name, value] : answer.fields)
    if (name == "Set-Cookie") set = value;
  EXPECT_THAT(set, ::testing::MatchesRegex("purser_session=pss_[0-9A-Za-z]{49}; Path=/; HttpOnly; "
                                           "SameSite=Lax; Max-Age=43200"));
  EXPECT_EQ(json::serialize(answer.body).find("pss_"), std::string::npos);
}

TEST_F(SignInApiTest, AChangeByCookieComesFromOurOwnPages) {
  const auto with = [&](auto&& change) {
    auto request = by_browser("POST", "/api/v1/teams", cookie, R"({"name":"sales"})");
    change(request);
    return handle(request).error();
  };
  for (const char* site : {"cross-site", "same-site", "nonsense"}) {
    EXPECT_EQ(with([&](ApiRequest& request) { request.fetch_site = site; }), "foreign_page");
  }
  const auto by_origin = [&](std::string origin) {
    return with([&](ApiRequest& request) {
      request.fetch_site.clear();
      request.origin = std::move(origin);
    });
  };
  EXPECT_EQ(by_origin(""), "foreign_page");
  EXPECT_EQ(by_origin("null"), "foreign_page");
  EXPECT_EQ(by_origin("https://evil.example.com"), "foreign_page");
  EXPECT_EQ(by_origin("https://purser.example.com.evil.com"), "foreign_page");
  EXPECT_EQ(by_origin("https://purser.example.com:8443"), "foreign_page");
  for (const char* type : {"", "text/plain", "application/x-www-form-urlencoded"}) {
    EXPECT_EQ(with([&](ApiRequest& request) { request.content_type = type; }),
              "wrong_content_type");
  }
  EXPECT_EQ(get("/api/v1/teams").items().size(), 2u);
  EXPECT_EQ(by_origin("https://purser.example.com"), "");
  // What only reads is anybody's to ask for; the answer cannot be read across sites.
  auto reading = by_browser("GET", "/api/v1/me", cookie);
  reading.fetch_site = "cross-site";
  EXPECT_EQ(handle(reading).status, 200);
  // A key says enough by itself.
  auto keyed = by_browser("POST", "/api/v1/teams", "", R"({"name":"keyed"})");
  keyed.authorization = admin;
  keyed.fetch_site = "cross-site";
  EXPECT_EQ(handle(keyed).status, 201);
}

TEST_F(SignInApiTest, NobodySignsSomebodyInFromAnotherSite) {
  auto request = by_browser("POST", "/api/v1/sign-in", "",
                            R"({"email":"ada@example.com","password":"correct horse battery"})");
  request.fetch_site = "cross-site";
  EXPECT_EQ(handle(request).error(), "foreign_page");
  request.fetch_site = "";
  request.origin = "https://evil.example.com";
  EXPECT_EQ(handle(request).error(), "foreign_page");
  request.origin = "";  // a script
  EXPECT_EQ(handle(request).status, 200);
}

TEST_F(SignInApiTest, SigningOutEndsTheSession) {
  const auto out = browse("POST", "/api/v1/sign-out");
  ASSERT_EQ(out.status, 200) << json::serialize(out.body);
  EXPECT_EQ(cookie_of(out), "");
  const auto gone = browse("GET", "/api/v1/me");
  EXPECT_EQ(gone.status, 401);
  EXPECT_EQ(gone.error(), "no_session");
}

TEST_F(SignInApiTest, ANewPasswordEndsAllOtherSessions) {
  const std::string before = cookie;
  EXPECT_EQ(browse("POST", "/api/v1/password",
                   R"({"old_password":"wrong horse battery","new_password":"another password"})")
                .error(),
            "wrong_sign_in");
  const auto changed =
      browse("POST", "/api/v1/password",
             R"({"old_password":"correct horse battery","new_password":"another password"})");
  ASSERT_EQ(changed.status, 200) << json::serialize(changed.body);
  EXPECT_EQ(browse("GET", "/api/v1/me").error(), "no_session");
  cookie = cookie_of(changed);
  EXPECT_NE(cookie, before);
  EXPECT_EQ(browse("GET", "/api/v1/me").status, 200);
}

TEST_F(SignInApiTest, ASecretIsMadeByAnAdminAlone) {
  const auto made = post("/api/v1/users/mia@example.com/sign-in-secret", R"({"reason":"lost"})");
  EXPECT_EQ(made.text("link"), "https://purser.example.com/sign-in/secret#" + made.text("secret"));
  EXPECT_EQ(
      json::serialize(get("/api/v1/audit?limit=1000").body).find(made.text("secret").substr(8)),
      std::string::npos);
  EXPECT_EQ(post("/api/v1/users/support-bot/sign-in-secret").error(), "services_do_not_sign_in");
  EXPECT_EQ(post("/api/v1/users/nobody@example.com/sign-in-secret").error(), "unknown_user");
  cookie = session_of("sam@example.com");
  EXPECT_EQ(browse("POST", "/api/v1/users/ada@example.com/sign-in-secret", "{}").error(),
            "forbidden");
}

TEST_F(SignInApiTest, BodiesAreReadStrictly) {
  EXPECT_EQ(sign_in_with("{}").error(), "missing_member");
  EXPECT_EQ(sign_in_with(R"({"email":"ada@example.com","password":1})").error(), "bad_member");
  EXPECT_EQ(sign_in_with(R"({"email":"a","password":"b","secret":"c"})").error(), "missing_member");
  EXPECT_EQ(sign_in_with(R"({"secret":"psi_x","new_password":"correct horse battery"})").error(),
            "wrong_secret");
  EXPECT_EQ(sign_in_with(R"({"secret":"psi_x","new_password":"b","email":"c"})").error(),
            "unknown_member");
}

TEST_F(SignInApiTest, LittleOfAStrangersBodyIsRead) {
  ApiRequest request;
  request.method = "POST";
  request.path = "/api/v1/sign-in";
  EXPECT_EQ(api->body_limit(request), 8u << 10);
  request.path = "/api/v1/teams";
  EXPECT_EQ(api->body_limit(request), 0u);
  request.session = "pss_nonsense";
  EXPECT_EQ(api->body_limit(request), 0u);
  request.session = cookie;
  EXPECT_EQ(api->body_limit(request), 8u << 20);
  request.session = "";
  request.authorization = sam;
  EXPECT_EQ(api->body_limit(request), 8u << 20);
}

}  // namespace
}  // namespace purser::api
