#include "pages_test_support.h"

namespace purser::pages {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

TEST_F(PagesTest, SigningInLeadsToThePageThatWasAskedFor) {
  session_of("ada@example.com");  // has a password now
  const std::string path = "/raise/" + cap_id("user", "sam@example.com") + "?request=rrq_x";
  const auto form = open(path);
  EXPECT_EQ(form.status, 200);
  EXPECT_THAT(form.body, HasSubstr("name=\"next\" value=\"" + path + "\""));
  const auto in = send("/sign-in", "",
                       "email=ada%40example.com&password=correct+horse+battery&next=" +
                           std::string("/raise/cap_1%3Frequest=rrq_x"));
  EXPECT_EQ(in.status, 303);
  EXPECT_EQ(field(in, "Location"), "/raise/cap_1?request=rrq_x");
  EXPECT_THAT(field(in, "Set-Cookie"),
              ::testing::AllOf(HasSubstr("purser_session=pss_"), HasSubstr("HttpOnly"),
                               HasSubstr("SameSite=Lax"), HasSubstr("Path=/")));
}

TEST_F(PagesTest, SigningInLeadsToNoOtherSite) {
  session_of("ada@example.com");
  for (const char* next : {"https%3A%2F%2Fevil.example.com", "%2F%2Fevil.example.com",
                           "%2F%5Cevil.example.com", "%2Fapi%2Fv1%2Fme"}) {
    const auto in =
        send("/sign-in", "",
             "email=ada%40example.com&password=correct+horse+battery&next=" + std::string(next));
    EXPECT_EQ(in.status, 303);
    EXPECT_EQ(field(in, "Location"), "/") << next;
    EXPECT_THAT(open("/sign-in?next=" + std::string(next)).body, Not(HasSubstr("evil")));
  }
}

TEST_F(PagesTest, AWrongPasswordShowsTheFormAgain) {
  const auto again = send("/sign-in", "", "email=ada%40example.com&password=wrong&next=%2Fask");
  EXPECT_EQ(again.status, 401);
  EXPECT_EQ(field(again, "Set-Cookie"), "");
  EXPECT_THAT(again.body, HasSubstr("not right"));
  EXPECT_THAT(again.body, HasSubstr("name=\"next\" value=\"/ask\""));
}

TEST_F(PagesTest, ASecretSetsThePassword) {
  const std::string secret = post("/api/v1/users/ada@example.com/sign-in-secret").text("secret");
  const std::string form = "secret=" + secret + "&new_password=correct+horse+battery&again=";
  EXPECT_THAT(send("/sign-in/secret", "", form + "another").body, HasSubstr("not the same"));
  const auto in = send("/sign-in/secret", "", form + "correct+horse+battery");
  EXPECT_EQ(in.status, 303);
  EXPECT_THAT(send("/sign-in/secret", "", form + "correct+horse+battery").body,
              HasSubstr("used already"));
  const auto page = open("/sign-in/secret");
  EXPECT_THAT(field(page, "Content-Security-Policy"), HasSubstr("script-src 'sha256-"));
}

TEST_F(PagesTest, NobodyIsSignedInFromAnotherSite) {
  session_of("ada@example.com");
  auto foreign =
      request("POST", "/sign-in", "", "email=ada%40example.com&password=correct+horse+battery");
  foreign.fetch_site = "cross-site";
  EXPECT_EQ(pages->handle(foreign).status, 403);
  foreign.fetch_site = "";
  EXPECT_EQ(pages->handle(foreign).status, 403);  // says nothing at all
  foreign.origin = "https://purser.example.com";
  foreign.host = "10.0.0.1:8484";  // what a proxy made of it
  EXPECT_EQ(pages->handle(foreign).status, 303);
}

TEST_F(PagesTest, AGetChangesNothing) {
  const std::string session = session_of("ada@example.com");
  const std::string cap = cap_id("user", "sam@example.com");
  const std::string before = trail();
  for (const std::string target :
       {"/", "/sign-in", "/sign-in/secret?secret=psi_x", "/sign-out", "/ask", "/ask?reason=x"}) {
    open(target, session);
    open(target);
  }
  for (const std::string& more : {std::string(), std::string("?amount=500&until=for_good"),
                                  std::string("?decision=decline&request=rrq_1")}) {
    open("/raise/" + cap + more, session);
    pages->handle(request("HEAD", "/raise/" + cap + more, session));
    open("/ask/" + cap + more, session);
  }
  EXPECT_EQ(trail(), before);
  EXPECT_EQ(limit_of(cap), "150");
  EXPECT_EQ(open("/sign-out", session).status, 405);
  EXPECT_EQ(pages->handle(request("HEAD", "/", session)).status, 200);
}

TEST_F(PagesTest, AFormNeedsTheTokenOfItsSession) {
  const std::string session = session_of("ada@example.com");
  const std::string mias = session_of("mia@example.com");
  const std::string cap = cap_id("user", "sam@example.com");
  const std::string path = "/raise/" + cap;
  const std::string form = "amount=other&other_usd=200&until=cycle_end";
  const std::string token = token_in(open(path, session));
  const std::string other = token_in(open("/", mias));
  for (const std::string& wrong : {std::string(), std::string("&token="), other,
                                   token.substr(0, 20), "&token=" + std::string(64, '0')}) {
    EXPECT_EQ(send(path, session, form + wrong).status, 403) << wrong;
    EXPECT_EQ(send("/sign-out", session, wrong).status, 403) << wrong;
  }
  for (const char* site : {"cross-site", "same-site", ""}) {
    auto foreign = request("POST", path, session, form + token);
    foreign.fetch_site = site;
    EXPECT_EQ(pages->handle(foreign).status, 403) << site;
  }
  EXPECT_EQ(limit_of(cap), "150");
  EXPECT_EQ(send(path, session, form + token).status, 200);
  EXPECT_EQ(limit_of(cap), "200");
}

TEST_F(PagesTest, SigningOutEndsTheSession) {
  const std::string session = session_of("ada@example.com");
  const auto out = send("/sign-out", session, token_in(open("/", session)));
  EXPECT_EQ(out.status, 303);
  EXPECT_THAT(field(out, "Set-Cookie"), HasSubstr("purser_session=; "));
  EXPECT_THAT(open("/", session).body, HasSubstr("type=\"password\""));
}

TEST_F(PagesTest, AMemberAsksAndAnAdminGrants) {
  const std::string sams = session_of("sam@example.com");
  const std::string cap = cap_id("user", "sam@example.com");
  EXPECT_THAT(open("/raise/" + cap, sams).body, HasSubstr("/ask/" + cap));
  EXPECT_EQ(
      send("/raise/" + cap, sams, "amount=other&other_usd=999" + token_in(open("/", sams))).status,
      403);
  const auto form = open("/ask/" + cap, sams);
  EXPECT_EQ(send("/ask/" + cap, sams, "reason=" + token_in(form)).status, 400);
  const auto asked =
      send("/ask/" + cap, sams, "reason=the+launch&limit_usd=%24220" + token_in(form));
  ASSERT_EQ(asked.status, 200) << asked.body;

  const std::string session = session_of("ada@example.com");
  const auto start = open("/", session);
  const std::string path = "/raise/" + cap + "?request=";
  const auto at = start.body.find(path);
  ASSERT_NE(at, std::string::npos) << start.body;
  const std::string id = start.body.substr(at + path.size(), 30);
  const auto page = open(path + id, session);
  EXPECT_THAT(page.body, ::testing::AllOf(HasSubstr("the launch"), HasSubstr("Sam Rivera"),
                                          HasSubstr("value=\"220\" checked")));
  const std::string decision = "request=" + id + token_in(page);
  EXPECT_EQ(send("/raise/" + cap, session, decision + "&decision=decline").status, 400);
  const auto done =
      send("/raise/" + cap, session, decision + "&amount=220&until=cycle_end&reason=good+luck");
  ASSERT_EQ(done.status, 200) << done.body;
  EXPECT_THAT(done.body, HasSubstr("$220.00"));
  EXPECT_EQ(limit_of(cap), "220");
  EXPECT_EQ(text_at(get("/api/v1/raise-requests/" + id).body, "word"), "good luck");
  EXPECT_THAT(open(path + id, session).body, HasSubstr("granted already"));
}

TEST_F(PagesTest, ARequestIsDeclinedWithAWord) {
  const std::string sams = session_of("sam@example.com");
  const std::string cap = cap_id("user", "sam@example.com");
  ASSERT_EQ(send("/ask/" + cap, sams, "reason=more" + token_in(open("/ask/" + cap, sams))).status,
            200);
  const auto id = text_at(get("/api/v1/raise-requests").items()[0], "id");
  const std::string session = session_of("ada@example.com");
  const auto page = open("/raise/" + cap + "?request=" + id, session);
  const auto done =
      send("/raise/" + cap, session,
           "request=" + id + "&decision=decline&amount=other&other_usd=&reason=next+month" +
               token_in(page));
  EXPECT_EQ(done.status, 200) << done.body;
  EXPECT_EQ(get("/api/v1/raise-requests/" + id).text("state"), "declined");
  EXPECT_EQ(limit_of(cap), "150");
}

TEST_F(PagesTest, HostileNamesAreText) {
  const std::string hostile = R"(<img src=x onerror=\"alert(1)\">'&)";
  ASSERT_EQ(patch("/api/v1/users/sam@example.com", R"({"name":")" + hostile + "\"}").status, 200);
  ASSERT_EQ(post("/api/v1/teams", R"({"name":"</title><script>x","month_cap_usd":"5"})").status,
            201);
  const std::string sams = session_of("sam@example.com");
  const std::string cap = cap_id("user", "sam@example.com");
  const auto asked =
      send("/ask/" + cap, sams,
           "reason=%3C%2Fblockquote%3E%3Cscript%3E" + token_in(open("/ask/" + cap, sams)));
  ASSERT_EQ(asked.status, 200) << asked.body;
  const auto id = text_at(get("/api/v1/raise-requests").items()[0], "id");
  const std::string session = session_of("ada@example.com");
  const std::string team = cap_id("team", "%3C%2Ftitle%3E%3Cscript%3Ex");
  case_json = R"({"subject":"</title><script>x","pace":{"state":"on","text":"<script>x"},)"
              R"("breakdown":{"by_user":[{"name":"<img src=x>","cost_usd":"1","percent":100}]}})";
  for (const std::string& page :
       {open("/", sams).body, open("/", session).body,
        open("/raise/" + cap + "?request=" + id, session).body,
        open("/raise/" + team, session).body, open("/ask/" + cap, sams).body,
        send("/ask/" + cap, sams,
             "reason=&limit_usd=%22%3E%3Cscript%3E" + token_in(open("/", sams)))
            .body}) {
    EXPECT_THAT(page, Not(HasSubstr("<script")));
    EXPECT_THAT(page, Not(HasSubstr("<img")));
    EXPECT_EQ(page.find("</title>"), page.rfind("</title>"));
  }
}

TEST_F(PagesTest, WhatDoesNotExistSaysSo) {
  const std::string session = session_of("ada@example.com");
  EXPECT_EQ(open("/raise/cap_nonsense", session).status, 404);
  EXPECT_EQ(open("/ask/cap_nonsense", session).status, 404);
  EXPECT_FALSE(Pages::serves("/raise/cap_1/x"));
  EXPECT_FALSE(Pages::serves("/raise/%2e%2e"));
  EXPECT_FALSE(Pages::serves("/v1/models"));
  EXPECT_EQ(Pages::body_limit("POST", "/raise/cap_1"), kMaxFormBytes);
  EXPECT_EQ(Pages::body_limit("GET", "/raise/cap_1"), 0u);
  EXPECT_EQ(pages->handle(request("DELETE", "/", session)).status, 405);
}

}  // namespace
}  // namespace purser::pages
