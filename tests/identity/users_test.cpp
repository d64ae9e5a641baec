#include "identity_test_support.h"

namespace purser::identity {
namespace {

using ::testing::HasSubstr;

class UsersTest : public IdentityTest {
 protected:
  void SetUp() override {
    IdentityTest::SetUp();
    seed();
  }
  static NewUser person_named(std::string name, std::string email) {
    NewUser user;
    user.name = std::move(name);
    user.email = std::move(email);
    return user;
  }
  std::string create(const NewUser& user) {
    return change([&](store::Change& c) { return create_user(c, user, by); });
  }
};

TEST_F(UsersTest, GetTheDefaultTemplatesCaps) {
  EXPECT_EQ(create(person_named("Ana", "ana@example.com")), "");
  const auto caps = caps_of(user_id("ANA@example.com"));
  ASSERT_EQ(caps.size(), 1u);
  EXPECT_EQ(caps[0].account.limit, usd(50));
}

TEST_F(UsersTest, GetTheCapsGiven) {
  NewUser ana = person_named("Ana", "ana@example.com");
  ana.caps = {{Period::day, ledger::Enforcement::hard, usd(5)},
              {Period::month, ledger::Enforcement::watch, usd(40)}};
  EXPECT_EQ(create(ana), "");
  EXPECT_EQ(caps_of(user_id("ana@example.com")).size(), 2u);
}

TEST_F(UsersTest, AreNeverWithoutAHardCap) {
  NewUser ana = person_named("Ana", "ana@example.com");
  ana.caps = {{Period::month, ledger::Enforcement::watch, usd(40)}};
  EXPECT_EQ(create(ana), "uncapped");
  ana.caps = {{Period::quarter, ledger::Enforcement::hard, usd(40)}};
  EXPECT_EQ(create(ana), "uncapped");
}

TEST_F(UsersTest, EmailsAreUniqueWithoutRegardToCase) {
  EXPECT_EQ(create(person_named("Sam Two", "SAM@Example.com")), "email_taken");
  EXPECT_EQ(create(person_named("Sam Rivera", "sam2@example.com")), "");  // names may repeat
}

TEST_F(UsersTest, ServiceAccountsNeedATeamAndAPerson) {
  NewUser bot;
  bot.kind = UserKind::service;
  bot.name = "bot";
  EXPECT_EQ(create(bot), "unknown_team");
  bot.owner_team = team_id("marketing");
  EXPECT_EQ(create(bot), "bad_alerts_to");
  bot.alerts_to = user_id("support-bot");
  EXPECT_EQ(create(bot), "bad_alerts_to");
  bot.alerts_to = user_id("mia@example.com");
  bot.email = "bot@example.com";
  EXPECT_EQ(create(bot), "bad_email");
  bot.email.clear();
  EXPECT_EQ(create(bot), "");
  EXPECT_EQ(create(bot), "name_taken");
  const auto caps = caps_of(user_id("bot"));
  ASSERT_EQ(caps.size(), 1u);
  EXPECT_EQ(caps[0].account.limit, usd(100));
  EXPECT_EQ(change([&, mia = user_id("mia@example.com")](store::Change& c) {
              return deactivate_user(c, mia, by);
            }),
            "gets_alerts");
}

TEST_F(UsersTest, TheLastAdminStays) {
  const Id ada = user_id("ada@example.com");
  const Id sam = user_id("sam@example.com");
  UserUpdate demote;
  demote.role = Role::member;
  EXPECT_EQ(change([&](store::Change& c) { return deactivate_user(c, ada, by); }), "last_admin");
  EXPECT_EQ(change([&](store::Change& c) { return update_user(c, ada, demote, by); }),
            "last_admin");
  UserUpdate promote;
  promote.role = Role::admin;
  EXPECT_EQ(change([&](store::Change& c) { return update_user(c, sam, promote, by); }), "");
  EXPECT_EQ(change([&](store::Change& c) { return update_user(c, ada, demote, by); }), "");
}

TEST_F(UsersTest, LeadIsARoleInATeamOnly) {
  NewUser ana = person_named("Ana", "ana@example.com");
  ana.role = Role::lead;
  EXPECT_EQ(create(ana), "bad_role");
}

TEST_F(UsersTest, AFailedChangeLeavesNothingBehind) {
  const std::string before = all_audit();
  EXPECT_EQ(change([&](store::Change& c) -> Result<void> {
              auto made = create_user(c, person_named("Ana", "ana@example.com"), by);
              if (!made) return made.error();
              return create_user(c, person_named("Ana", "ana@example.com"), by).error();
            }),
            "email_taken");
  EXPECT_EQ(all_audit(), before);
  read([&](store::Sql& sql) {
    EXPECT_FALSE(find_user(sql, store->workspace(), "ana@example.com"));
  });
}

TEST_F(UsersTest, KeysNeedAnUnambiguousTeam) {
  const Id ada = user_id("ada@example.com");
  const Id sam = user_id("sam@example.com");
  const auto make = [&](const Id& user, const Id& team) {
    NewKey wanted;
    wanted.user = user;
    wanted.team = team;
    return change([&](store::Change& c) { return create_key(c, *ring, env, wanted, by); });
  };
  EXPECT_EQ(make(ada, Id{}), "no_team");
  EXPECT_EQ(make(sam, team_id("marketing")), "not_a_member");
  ASSERT_EQ(change([&, team = team_id("marketing")](store::Change& c) {
              return create_membership(c, sam, team, false, by);
            }),
            "");
  EXPECT_EQ(make(sam, Id{}), "ambiguous_team");
  EXPECT_EQ(make(sam, team_id("marketing")), "");
  EXPECT_EQ(change([&, team = team_id("marketing")](store::Change& c) {
              return create_membership(c, sam, team, false, by);
            }),
            "already_member");
}

TEST_F(UsersTest, HaveABoundedNumberOfKeys) {
  NewKey wanted;
  wanted.user = user_id("sam@example.com");
  EXPECT_EQ(change([&](store::Change& c) -> Result<void> {
              for (std::int64_t i = 1; i < kMaxKeysOfUser; ++i) {
                auto made = create_key(c, *ring, env, wanted, by);
                if (!made) return made.error();
              }
              return {};
            }),
            "");
  EXPECT_EQ(change([&](store::Change& c) { return create_key(c, *ring, env, wanted, by); }),
            "too_many_keys");
}

TEST_F(UsersTest, NamesThatAreUniqueAndThoseThatDoNotExist) {
  EXPECT_EQ(change([&](store::Change& c) { return create_team(c, "Engineering", by); }),
            "name_taken");
  EXPECT_EQ(change([&](store::Change& c) { return create_label(c, "RESEARCH", by); }),
            "name_taken");
  EXPECT_EQ(change([&](store::Change& c) { return create_project(c, "Spring-Launch", {}, by); }),
            "name_taken");
  read([&](store::Sql& sql) {
    const auto team = find_team(sql, store->workspace(), "enginering");
    EXPECT_EQ(team.error().code, "unknown_team");
    EXPECT_THAT(team.error().message, HasSubstr("engineering, marketing"));
    const auto label = find_label(sql, store->workspace(), "x");
    EXPECT_THAT(label.error().message, HasSubstr("support-automation"));
    const auto project = find_project(sql, store->workspace(), "x");
    EXPECT_THAT(project.error().message, HasSubstr("checkout-rewrite"));
  });
}

TEST_F(UsersTest, AnEndedNameIsFreeAgain) {
  Id label;
  read([&](store::Sql& sql) { label = find_label(sql, store->workspace(), "research")->id; });
  ASSERT_EQ(change([&](store::Change& c) { return end_label(c, label, by); }), "");
  EXPECT_EQ(change([&](store::Change& c) { return create_label(c, "research", by); }), "");
  EXPECT_EQ(change([&](store::Change& c) { return end_label(c, label, by); }), "unknown_label");
}

TEST_F(UsersTest, AreListedInPages) {
  read([&](store::Sql& sql) {
    UserFilter filter;
    filter.limit = 2;
    std::vector<std::string> names;
    while (true) {
      const auto page = list_users(sql, store->workspace(), filter);
      for (const auto& user : page) names.push_back(user.name);
      if (page.size() < filter.limit) break;
      filter.after = page.back().id;
    }
    EXPECT_THAT(names, ::testing::UnorderedElementsAre("Ada Admin", "Sam Rivera", "Mia Chen",
                                                       "Ines Okafor", "support-bot"));
  });
}

}  // namespace
}  // namespace purser::identity
