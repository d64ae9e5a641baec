#include "purser/identity/scope_names.h"

#include "identity_test_support.h"

namespace purser::identity {
namespace {

using ledger::ScopeKind;

class ScopeNamesTest : public IdentityTest {
 protected:
  std::string target(const ledger::Scope& scope) {
    std::string found;
    read([&](store::Sql& sql) { found = scope_target(sql, store->workspace(), scope); });
    return found;
  }
  std::string named(const ledger::Scope& scope) {
    std::string found;
    read([&](store::Sql& sql) { found = scope_name(sql, store->workspace(), scope); });
    return found;
  }
  Id add_task(const Id& user, std::string_view task) {
    const Id id = make_id(env);
    EXPECT_EQ(change([&](store::Change& c) -> Result<void> {
                c.sql().run(
                    "INSERT INTO tasks (workspace, id, user, name, requests, cost_nanos, made_at, "
                    "last_used_at) VALUES (?1, ?2, ?3, ?4, 0, 0, 0, 0)",
                    {c.workspace(), id, user, task});
                c.audit({by.actor, "test", "test", "", "", ""});
                return {};
              }),
              "");
    return id;
  }
};

TEST_F(ScopeNamesTest, ATargetHasNamesThatAreUnique) {
  seed();
  const Id sam = user_id("sam@example.com");
  EXPECT_EQ(target({ScopeKind::team, team_id("engineering")}), "team/engineering");
  EXPECT_EQ(target({ScopeKind::user, sam}), "user/sam@example.com");
  EXPECT_EQ(target({ScopeKind::user, user_id("support-bot")}), "user/support-bot");
  EXPECT_EQ(named({ScopeKind::user, sam}), "Sam Rivera");
  Id membership, key;
  read([&](store::Sql& sql) {
    membership = memberships_of_user(sql, store->workspace(), sam).at(0).id;
    KeyFilter filter;
    filter.user = sam;
    key = list_keys(sql, store->workspace(), filter).at(0).id;
  });
  EXPECT_EQ(target({ScopeKind::membership, membership}), "membership/engineering/sam@example.com");
  EXPECT_EQ(target({ScopeKind::key, key}), "key/sam@example.com/laptop");
  const Id nobody = make_id(env);
  EXPECT_EQ(target({ScopeKind::team, nobody}), "team/" + to_text("team", nobody));
}

// The audit trail is exported as UTF-8; a task's string comes from a header and may be anything.
TEST_F(ScopeNamesTest, ATaskThatIsNoPlainTextIsNamedByItsId) {
  seed();
  const Id sam = user_id("sam@example.com");
  EXPECT_EQ(target({ScopeKind::task, add_task(sam, "ticket-4711")}),
            "task/sam@example.com/ticket-4711");
  const Id odd = add_task(sam, "\xFF\xFEx");
  EXPECT_EQ(target({ScopeKind::task, odd}), "task/" + to_text("task", odd));
}

}  // namespace
}  // namespace purser::identity
