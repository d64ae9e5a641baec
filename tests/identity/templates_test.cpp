#include "identity_test_support.h"

namespace purser::identity {
namespace {

using ledger::Enforcement;

class TemplatesTest : public IdentityTest {
 protected:
  void SetUp() override {
    IdentityTest::SetUp();
    seed();
    sam = user_id("sam@example.com");
    read([&](store::Sql& sql) {
      engineer = find_template(sql, store->workspace(), "Engineer")->id;
      analyst = find_template(sql, store->workspace(), "analyst")->id;
      standard = find_template(sql, store->workspace(), "standard")->id;
    });
  }
  std::string set(const Id& id, std::vector<TemplateCap> caps) {
    TemplateUpdate update;
    update.caps = std::move(caps);
    return change([&](store::Change& c) -> Result<void> {
      auto updated = update_template(c, id, update, by);
      if (!updated) return updated.error();
      effect = *updated;
      return {};
    });
  }
  // The user's limits, as "day hard 5".
  std::vector<std::string> limits(const Id& user) {
    std::vector<std::string> out;
    for (const auto& cap : caps_of(user)) {
      out.push_back(std::string(name(cap.cap.period)) + " " +
                    std::string(ledger::name(cap.cap.enforcement)) + " " +
                    format_usd(cap.account.limit));
    }
    std::sort(out.begin(), out.end());
    return out;
  }
  Id sam, engineer, analyst, standard;
  TemplateEffect effect;
};

TEST_F(TemplatesTest, AChangeReachesTheCapsThatCarryIt) {
  EXPECT_EQ(set(engineer, {{Period::month, Enforcement::hard, usd(200)}}), "");
  EXPECT_EQ(effect.caps_set, 1u);
  EXPECT_THAT(limits(sam), ::testing::ElementsAre("month hard 200"));
  EXPECT_THAT(limits(user_id("mia@example.com")), ::testing::ElementsAre("month hard 75"));
}

TEST_F(TemplatesTest, ACapSetByHandNoLongerCarriesIt) {
  ASSERT_EQ(
      change([&](store::Change& c) {
        return c.set_cap(
            {{ledger::ScopeKind::user, sam}, Period::month, Enforcement::hard, usd(175), Id{}},
            by.actor, by.reason);
      }),
      "");
  EXPECT_EQ(set(engineer, {{Period::month, Enforcement::hard, usd(200)}}), "");
  EXPECT_EQ(effect.caps_set, 0u);
  EXPECT_THAT(limits(sam), ::testing::ElementsAre("month hard 175"));
}

TEST_F(TemplatesTest, APeriodThatComesOrGoesIsCarriedOver) {
  EXPECT_EQ(set(engineer, {{Period::month, Enforcement::hard, usd(150)},
                           {Period::day, Enforcement::hard, usd(20)}}),
            "");
  EXPECT_THAT(limits(sam), ::testing::ElementsAre("day hard 20", "month hard 150"));
  EXPECT_EQ(set(engineer, {{Period::week, Enforcement::hard, usd(60)}}), "");
  EXPECT_EQ(effect.caps_ended, 2u);
  EXPECT_THAT(limits(sam), ::testing::ElementsAre("week hard 60"));
}

TEST_F(TemplatesTest, ReplacingFourCapsByFourOthersFits) {
  EXPECT_EQ(set(engineer, {{Period::month, Enforcement::hard, usd(150)},
                           {Period::day, Enforcement::hard, usd(20)},
                           {Period::week, Enforcement::hard, usd(60)},
                           {Period::year, Enforcement::hard, usd(900)}}),
            "");
  EXPECT_EQ(set(engineer, {{Period::month, Enforcement::hard, usd(151)},
                           {Period::day, Enforcement::watch, usd(20)},
                           {Period::week, Enforcement::watch, usd(60)},
                           {Period::quarter, Enforcement::hard, usd(900)}}),
            "");
  EXPECT_EQ(limits(sam).size(), 4u);
}

TEST_F(TemplatesTest, GivingAnotherReplacesWhatTheFirstGave) {
  ASSERT_EQ(set(engineer, {{Period::month, Enforcement::hard, usd(150)},
                           {Period::day, Enforcement::hard, usd(20)}}),
            "");
  ASSERT_EQ(change([&](store::Change& c) {
              return c.set_cap(
                  {{ledger::ScopeKind::user, sam}, Period::year, Enforcement::hard, usd(999), Id{}},
                  by.actor, by.reason);
            }),
            "");
  EXPECT_EQ(change([&](store::Change& c) { return give_template(c, sam, analyst, by); }), "");
  EXPECT_THAT(limits(sam), ::testing::ElementsAre("month hard 75", "year hard 999"));
}

TEST_F(TemplatesTest, MustBoundAMonth) {
  EXPECT_EQ(set(engineer, {}), "uncapped");
  EXPECT_EQ(set(engineer, {{Period::year, Enforcement::hard, usd(1)}}), "uncapped");
  EXPECT_EQ(set(engineer, {{Period::month, Enforcement::hard, usd(1)},
                           {Period::month, Enforcement::hard, usd(2)}}),
            "duplicate_cap");
  EXPECT_EQ(set(engineer, {{Period::month, Enforcement::hard, usd(1)},
                           {Period::day, Enforcement::hard, usd(1)},
                           {Period::week, Enforcement::hard, usd(1)},
                           {Period::year, Enforcement::hard, usd(1)},
                           {Period::quarter, Enforcement::hard, usd(1)}}),
            "too_many_caps");
}

TEST_F(TemplatesTest, TheDefaultIsHandedOnAndNeverDropped) {
  EXPECT_EQ(change([&](store::Change& c) { return end_template(c, standard, by); }),
            "default_template");
  TemplateUpdate update;
  update.default_for = UserKind::person;
  EXPECT_EQ(change([&](store::Change& c) { return update_template(c, analyst, update, by); }), "");
  read([&](store::Sql& sql) {
    EXPECT_EQ(default_template(sql, store->workspace(), UserKind::person)->id, analyst);
  });
  EXPECT_EQ(change([&](store::Change& c) { return end_template(c, standard, by); }), "");
}

TEST_F(TemplatesTest, EndedTheCapsStay) {
  EXPECT_EQ(change([&](store::Change& c) { return end_template(c, engineer, by); }), "");
  EXPECT_THAT(limits(sam), ::testing::ElementsAre("month hard 150"));
  EXPECT_EQ(set(engineer, {{Period::month, Enforcement::hard, usd(1)}}), "unknown_template");
}

}  // namespace
}  // namespace purser::identity
