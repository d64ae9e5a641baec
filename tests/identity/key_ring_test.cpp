#include "identity_test_support.h"

namespace purser::identity {
namespace {

class KeyRingTest : public IdentityTest {
 protected:
  void SetUp() override {
    IdentityTest::SetUp();
    seed();
    key = person("sam@example.com").key;
  }
  std::shared_ptr<const Principal> resolve() {
    auto who = ring->resolve(key);
    EXPECT_TRUE(who) << who.error().message;
    return who ? *who : nullptr;
  }
  Id key_id() { return resolve()->key; }
  // What a change does to somebody whom the gateway has cached: their next reserve is stale, and
  // where they may go on, it passes after the key was resolved again.
  template <typename Body>
  void expect_stale_after(const Body& body, bool may_go_on) {
    const auto before = resolve();
    ASSERT_EQ(change(body), "");
    EXPECT_EQ(ring->cached(key), nullptr);  // nor is it known to what makes no reserve
    EXPECT_EQ(reserve(*before), store::StoreStatus::stale_identity);
    const auto after = ring->resolve(key);
    ASSERT_EQ(after.ok(), may_go_on);
    if (may_go_on)
      EXPECT_EQ(reserve(**after), store::StoreStatus::done);
    else
      EXPECT_EQ(after.error().code, "unknown_key");
  }
  std::string key;
};

TEST_F(KeyRingTest, CachesWhatItResolved) {
  EXPECT_EQ(ring->cached(key), nullptr);
  const auto who = resolve();
  EXPECT_EQ(ring->cached(key), who);
  ring->forget(key);
  EXPECT_EQ(ring->cached(key), nullptr);
}

TEST_F(KeyRingTest, ForgetsAfterAWhile) {
  resolve();
  env.advance(kCacheLifetime - Duration(1));
  EXPECT_NE(ring->cached(key), nullptr);
  env.advance(Duration(1));
  EXPECT_EQ(ring->cached(key), nullptr);
}

TEST_F(KeyRingTest, TellsATypingErrorFromAnUnknownKey) {
  EXPECT_THAT(ring->resolve(key.substr(1)).error().message, ::testing::HasSubstr("checksum"));
  const auto unknown = ring->resolve(make_key_text(env));
  EXPECT_EQ(unknown.error().code, "unknown_key");
  EXPECT_THAT(unknown.error().message, ::testing::HasSubstr("revoked"));
}

TEST_F(KeyRingTest, AnUnknownKeyIsRememberedShortlyAndInBoundedNumber) {
  for (std::size_t i = 0; i < 2 * kMaxUnknownKeys; i += 100) ring->resolve(make_key_text(env)).ok();
  const std::string text = make_key_text(env);
  EXPECT_FALSE(ring->resolve(text));
  // A key with that text appears (as on another node): known once the memory has passed.
  const std::string hash = ring->hash(text);
  const std::span bytes(reinterpret_cast<const std::uint8_t*>(hash.data()), hash.size());
  ASSERT_EQ(change([&](store::Change& c) -> Result<void> {
              c.sql().run("UPDATE keys SET hash = ?3 WHERE workspace = ?1 AND id = ?2",
                          {c.workspace(), key_id(), bytes});
              return {};
            }),
            "");
  EXPECT_FALSE(ring->resolve(text));
  env.advance(kUnknownLifetime);
  EXPECT_TRUE(ring->resolve(text));
}

TEST_F(KeyRingTest, ARevokedKeyIsStaleAtTheNextReserve) {
  expect_stale_after([&, id = key_id()](store::Change& c) { return revoke_key(c, id, by); }, false);
}

TEST_F(KeyRingTest, ADeactivatedUsersKeyIsStale) {
  // Sam gets the service account's alerts; Mia takes them over first.
  ASSERT_EQ(change([&, bot = user_id("support-bot")](store::Change& c) {
              UserUpdate update;
              update.alerts_to = find_user(c.sql(), c.workspace(), "mia@example.com")->id;
              return update_user(c, bot, update, by);
            }),
            "");
  const Id sam = user_id("sam@example.com");
  expect_stale_after([&](store::Change& c) { return deactivate_user(c, sam, by); }, false);
  env.advance(kUnknownLifetime);
  ASSERT_EQ(change([&](store::Change& c) { return reactivate_user(c, sam, by); }), "");
  EXPECT_EQ(reserve(*resolve()), store::StoreStatus::done);
}

TEST_F(KeyRingTest, KeySettingsMakeItStale) {
  KeySettings settings;
  settings.refusal_status = 429;
  settings.cost_comment_in_streams = true;
  expect_stale_after(
      [&, id = key_id()](store::Change& c) { return update_key(c, id, settings, by); }, true);
  EXPECT_EQ(resolve()->refusal_status, 429);
  EXPECT_TRUE(resolve()->cost_comment_in_streams);
}

TEST_F(KeyRingTest, ChangesOfUserAndTeamMakeItStale) {
  const Id sam = user_id("sam@example.com");
  UserUpdate name;
  name.name = "Samuel Rivera";
  expect_stale_after([&](store::Change& c) { return update_user(c, sam, name, by); }, true);
  EXPECT_EQ(resolve()->user_name, "Samuel Rivera");
  expect_stale_after([&, team = team_id("engineering")](
                         store::Change& c) { return rename_team(c, team, "Platform", by); },
                     true);
  EXPECT_EQ(resolve()->team_name, "Platform");
  expect_stale_after(
      [&, id = resolve()->membership](store::Change& c) { return set_lead(c, id, true, by); },
      true);
  EXPECT_TRUE(resolve()->leads_team);
}

TEST_F(KeyRingTest, AnEndedMembershipRevokesItsKeysAlone) {
  const Id sam = user_id("sam@example.com");
  MadeKey second;
  ASSERT_EQ(change([&, marketing = team_id("marketing")](store::Change& c) -> Result<void> {
              auto membership = create_membership(c, sam, marketing, false, by);
              if (!membership) return membership.error();
              NewKey wanted;
              wanted.user = sam;
              wanted.team = marketing;
              auto made = create_key(c, *ring, env, wanted, by);
              if (!made) return made.error();
              second = *made;
              return {};
            }),
            "");
  expect_stale_after(
      [&, id = resolve()->membership](store::Change& c) { return end_membership(c, id, by); },
      false);
  const auto other = ring->resolve(second.text);
  ASSERT_TRUE(other);
  EXPECT_EQ(reserve(**other), store::StoreStatus::done);
}

TEST_F(KeyRingTest, AProjectThatClosesToTheTeamLeavesTheKeysDefault) {
  const auto* project = ring->directory()->find_project("checkout-rewrite");
  ASSERT_NE(project, nullptr);
  const Id project_id = project->id;
  KeySettings settings;
  settings.default_project = project_id;
  ASSERT_EQ(
      change([&, id = key_id()](store::Change& c) { return update_key(c, id, settings, by); }), "");
  EXPECT_EQ(resolve()->default_project, project_id);
  ProjectUpdate update;
  update.teams = {team_id("marketing")};
  expect_stale_after([&](store::Change& c) { return update_project(c, project_id, update, by); },
                     true);
  EXPECT_TRUE(resolve()->default_project.is_zero());
  EXPECT_EQ(
      change([&, id = key_id()](store::Change& c) { return update_key(c, id, settings, by); }),
      "project_not_of_team");
}

TEST_F(KeyRingTest, AnEndedTeamStopsItsKeys) {
  const Id marketing = team_id("marketing");
  const auto mia = ring->resolve(person("mia@example.com").key);
  ASSERT_TRUE(mia);
  ASSERT_EQ(change([&](store::Change& c) { return end_team(c, marketing, by); }), "");
  EXPECT_EQ(reserve(**mia), store::StoreStatus::stale_identity);
  EXPECT_FALSE(ring->resolve(person("mia@example.com").key));
  ledger::ScopeList scopes;
  scopes.push_back({ledger::ScopeKind::team, marketing});
  EXPECT_TRUE(store->caps(scopes).empty());
  EXPECT_EQ(change([&, team = team_id("engineering")](store::Change& c) {
              return end_team(c, team, by);
            }),
            "owns_services");
}

}  // namespace
}  // namespace purser::identity
