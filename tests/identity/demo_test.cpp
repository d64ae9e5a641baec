#include "identity_test_support.h"

namespace purser::identity {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

class DemoTest : public IdentityTest {};

TEST_F(DemoTest, HasThePeopleOfTheReadme) {
  seed();
  std::vector<std::string> rows;
  for (const auto& one : demo.people) rows.push_back(one.team + " " + one.cap_usd);
  EXPECT_THAT(rows,
              ElementsAre("engineering 150", "marketing 75", "marketing 25", "engineering 100"));
  for (const auto& one : demo.people) {
    const auto who = ring->resolve(one.key);
    ASSERT_TRUE(who) << who.error().message;
    EXPECT_EQ((*who)->key_kind, KeyKind::use);
    EXPECT_EQ((*who)->user_name, one.name);
    EXPECT_EQ((*who)->team_name, one.team);
    const auto caps = caps_of((*who)->user);
    ASSERT_EQ(caps.size(), 1u);
    EXPECT_EQ(format_usd(caps[0].account.limit), one.cap_usd);
    EXPECT_EQ(reserve(**who), store::StoreStatus::done);
  }
}

TEST_F(DemoTest, CapsItsTeamsAndWorkspace) {
  seed();
  const auto limit = [&](ledger::ScopeKind kind, const Id& id) {
    ledger::ScopeList scopes;
    scopes.push_back({kind, id});
    const auto caps = store->caps(scopes);
    return caps.size() == 1 ? format_usd(caps[0].account.limit) : "none";
  };
  EXPECT_EQ(limit(ledger::ScopeKind::team, team_id("engineering")), "5000");
  EXPECT_EQ(limit(ledger::ScopeKind::team, team_id("marketing")), "3000");
  EXPECT_EQ(limit(ledger::ScopeKind::workspace, store->workspace()), "10000");
}

TEST_F(DemoTest, HasProjectsLabelsAndAnAdmin) {
  seed();
  const auto directory_now = ring->directory();
  EXPECT_EQ(directory_now->projects.size(), 2u);
  EXPECT_NE(directory_now->find_label("Support-Automation"), nullptr);
  EXPECT_EQ(directory_now->find_label("none"), nullptr);
  ASSERT_NE(directory_now->find_project("CHECKOUT-rewrite"), nullptr);
  EXPECT_EQ(directory_now->admin_contact, "Ada Admin <ada@example.com>");
  const auto admin = ring->resolve(demo.admin_key);
  ASSERT_TRUE(admin);
  EXPECT_EQ((*admin)->role, Role::admin);
  EXPECT_EQ((*admin)->key_kind, KeyKind::manage);
}

TEST_F(DemoTest, AuditsEverythingAndNoSecret) {
  seed();
  const std::string audit = all_audit();
  for (const auto* action : {"user.create user/sam@example.com", "team.create team/engineering",
                             "key.create key/sam@example.com/laptop", "template.create",
                             "project.create", "label.create", "membership.create", "cap."})
    EXPECT_THAT(audit, HasSubstr(action));
  std::vector<std::string> keys = {demo.admin_key};
  for (const auto& one : demo.people) keys.push_back(one.key);
  for (const auto& key : keys) {
    EXPECT_THAT(audit, Not(HasSubstr(key.substr(4, 12))));
    EXPECT_THAT(audit, Not(HasSubstr(key.substr(20))));
  }
}

TEST_F(DemoTest, IsMadeOnce) {
  seed();
  EXPECT_EQ(seed_demo(*store, *ring, env).error().code, "not_empty");
  EXPECT_EQ(prepare_workspace(*store, *ring, env, "Ada", "ada2@example.com").error().code,
            "not_empty");
}

TEST_F(DemoTest, TakesFewDurableChanges) {
  const auto before = store->counters().commits;
  seed();
  EXPECT_LE(store->counters().commits - before, 2u);
}

TEST_F(DemoTest, ARealWorkspaceBeginsWithAnAdminAndDefaults) {
  EXPECT_FALSE(has_users(*store));
  const auto admin = prepare_workspace(*store, *ring, env, "Ada", "ada@example.com");
  ASSERT_TRUE(admin) << admin.error().message;
  EXPECT_TRUE(has_users(*store));
  EXPECT_TRUE(ring->resolve(admin->key));
  NewUser ana;
  ana.name = "Ana";
  ana.email = "ana@example.com";
  EXPECT_EQ(change([&](store::Change& c) { return create_user(c, ana, by); }), "");
  EXPECT_EQ(caps_of(user_id("ana@example.com")).size(), 1u);
}

TEST_F(DemoTest, SurvivesARestart) {
  seed();
  ring.reset();
  store.reset();
  open();
  ring = std::make_unique<KeyRing>(*store, env, std::string(32, 'k'));
  const auto who = ring->resolve(person("sam@example.com").key);
  ASSERT_TRUE(who) << who.error().message;
  EXPECT_EQ(reserve(**who), store::StoreStatus::done);
}

TEST_F(DemoTest, AnotherSecretKnowsNoneOfTheKeys) {
  seed();
  KeyRing other(*store, env, std::string(32, 'x'));
  EXPECT_EQ(other.resolve(demo.admin_key).error().code, "unknown_key");
}

}  // namespace
}  // namespace purser::identity
