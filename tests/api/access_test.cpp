// Who may go where. The tables below name every route of the API, so that a new one cannot be
// forgotten here.
#include "api_test_support.h"
#include "route.h"

namespace purser::api {
namespace {

class AccessTest : public ApiTest {
 protected:
  // A path that fits the pattern; what it names need not exist.
  static std::string path_of(const Route& route) {
    std::string path(route.pattern);
    while (true) {
      const auto open = path.find('{');
      if (open == std::string::npos) return path;
      path.replace(open, path.find('}') - open + 1, "x");
    }
  }
  Answer ask(const Route& route, const std::string& key) {
    return call(std::string(route.method), path_of(route), "{}", key);
  }
};

TEST_F(AccessTest, WithoutAKeyNobodyGetsIn) {
  for (const auto& route : routes()) {
    if (route.access == Access::anyone) continue;  // signing in
    const auto none = ask(route, "");
    EXPECT_EQ(none.status, 401) << route.pattern;
    EXPECT_EQ(none.error(), "no_key");
    EXPECT_EQ(ask(route, "psr_nonsense").error(), "unknown_key") << route.pattern;
  }
}

TEST_F(AccessTest, AUseKeyReadsItsOwnThingsOnly) {
  for (const auto& route : routes()) {
    if (route.access == Access::anyone) continue;
    const auto answer = ask(route, sam);
    if (route.access == Access::session) {
      EXPECT_EQ(answer.error(), "needs_session") << route.pattern;
    } else if (route.access == Access::any_key) {
      EXPECT_NE(answer.status, 403) << route.pattern;
    } else {
      EXPECT_EQ(answer.status, 403) << route.pattern;
      EXPECT_EQ(answer.error(), "needs_manage_key");
    }
  }
}

TEST_F(AccessTest, AMemberChangesNothing) {
  const std::string member = manage_key("member");
  for (const auto& route : routes()) {
    if (route.access != Access::admin && route.access != Access::reader) continue;
    const auto answer = ask(route, member);
    EXPECT_EQ(answer.status, 403) << route.method << " " << route.pattern;
    EXPECT_EQ(answer.error(), "forbidden");
  }
}

TEST_F(AccessTest, ALeadChangesNothing) {
  const std::string lead = manage_key("member", "engineering");
  for (const auto& route : routes()) {
    if (route.access != Access::admin) continue;
    EXPECT_EQ(ask(route, lead).status, 403) << route.method << " " << route.pattern;
  }
}

TEST_F(AccessTest, FinanceReadsEverythingAndChangesNothing) {
  const std::string finance = manage_key("finance");
  for (const auto& route : routes()) {
    const auto answer = ask(route, finance);
    if (route.access == Access::admin) {
      EXPECT_EQ(answer.status, 403) << route.method << " " << route.pattern;
    } else if (route.method == "GET") {
      EXPECT_NE(answer.status, 403) << route.method << " " << route.pattern;
    }
  }
}

TEST_F(AccessTest, EveryChangeIsTheAdminsButForOnesOwnKeyAndRaiseRequests) {
  for (const auto& route : routes()) {
    const bool own = route.pattern == "/api/v1/keys/{key}/revoke" ||
                     route.pattern == "/api/v1/raise-requests" ||
                     route.pattern == "/api/v1/raise-requests/{request}/withdraw";
    EXPECT_TRUE(!route.is_change || own || route.access == Access::admin) << route.pattern;
    EXPECT_FALSE(route.method == "GET" && route.is_change) << route.pattern;
  }
}

TEST_F(AccessTest, AMemberSeesOnlyThemselves) {
  const std::string member = manage_key("member");
  EXPECT_EQ(call("GET", "/api/v1/users", "", member).status, 403);
  EXPECT_EQ(call("GET", "/api/v1/users/sam@example.com", "", member).status, 403);
  EXPECT_EQ(call("GET", "/api/v1/users/nobody@example.com", "", member).status, 403);
  EXPECT_EQ(call("GET", "/api/v1/users/member@example.com", "", member).status, 200);
  EXPECT_EQ(call("GET", "/api/v1/memberships?team=engineering", "", member).status, 403);
  EXPECT_EQ(call("GET", "/api/v1/teams/engineering", "", member).status, 403);
  EXPECT_TRUE(call("GET", "/api/v1/teams", "", member).items().empty());
  EXPECT_EQ(call("GET", "/api/v1/keys", "", member).items().size(), 1u);
  EXPECT_EQ(call("GET", "/api/v1/keys?user=sam@example.com", "", member).status, 403);
  EXPECT_EQ(call("GET", "/api/v1/caps", "", member).items().size(), 2u);  // workspace, own
  EXPECT_EQ(call("GET", "/api/v1/caps/" + cap_id("user", "sam@example.com"), "", member).status,
            403);
}

TEST_F(AccessTest, ALeadSeesTheirTeam) {
  const std::string lead = manage_key("member", "marketing");
  const auto users = call("GET", "/api/v1/users", "", lead);
  ASSERT_EQ(users.status, 200);
  EXPECT_EQ(users.items().size(), 3u);  // Mia, Ines and the lead
  EXPECT_EQ(call("GET", "/api/v1/users/mia@example.com", "", lead).status, 200);
  EXPECT_EQ(call("GET", "/api/v1/users/sam@example.com", "", lead).status, 403);
  EXPECT_EQ(call("GET", "/api/v1/users?team=engineering", "", lead).status, 403);
  EXPECT_EQ(call("GET", "/api/v1/memberships?team=marketing", "", lead).items().size(), 3u);
  EXPECT_EQ(call("GET", "/api/v1/teams", "", lead).items().size(), 1u);
  EXPECT_EQ(call("GET", "/api/v1/keys", "", lead).items().size(), 2u);
  // Workspace, the team, and the three in it.
  EXPECT_EQ(call("GET", "/api/v1/caps", "", lead).items().size(), 5u);
  EXPECT_EQ(call("GET", "/api/v1/caps/" + cap_id("user", "mia@example.com"), "", lead).status, 200);
}

TEST_F(AccessTest, AManageKeyOfADeactivatedUserIsRefused) {
  const std::string finance = manage_key("finance");
  ASSERT_EQ(call("GET", "/api/v1/audit", "", finance).status, 200);
  ASSERT_EQ(post("/api/v1/users/finance@example.com/deactivate").status, 200);
  EXPECT_EQ(call("GET", "/api/v1/audit", "", finance).status, 401);
}

TEST_F(AccessTest, ADemotedAdminIsRefusedAtOnce) {
  const std::string other = manage_key("admin");
  ASSERT_EQ(patch("/api/v1/users/admin@example.com", R"({"role":"member"})").status, 200);
  EXPECT_EQ(call("POST", "/api/v1/teams", R"({"name":"x"})", other).status, 403);
}

}  // namespace
}  // namespace purser::api
