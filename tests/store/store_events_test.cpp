// What the outbox is told: thresholds of one's own, pauses that end, limits that change.
#include "store_test_support.h"

namespace purser::store {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class StoreEventsTest : public StoreTest {
 protected:
  std::vector<int> percents() {
    std::vector<int> found;
    store->read([&](Sql& sql) {
      sql.each("SELECT percent FROM outbox WHERE kind = 0 ORDER BY sequence, percent", {},
               [&](const Row& row) { found.push_back(static_cast<int>(row.integer(0))); });
    });
    return found;
  }
  std::string body(EventKind kind) {
    std::string found;
    store->read([&](Sql& sql) {
      sql.each("SELECT body FROM outbox WHERE kind = ?1 ORDER BY sequence",
               {static_cast<int>(kind)}, [&](const Row& row) { found = row.text(0); });
    });
    return found;
  }
  std::int64_t count(EventKind kind) {
    return integer("SELECT COUNT(*) FROM outbox WHERE kind = ?1", {static_cast<int>(kind)});
  }
  Result<void> set_thresholds(const ThresholdOwner& owner,
                              std::optional<ledger::PercentSet> wanted) {
    return store->change(
        [&](Change& change) { return change.set_thresholds(owner, wanted, admin, "a test"); });
  }
};

TEST_F(StoreEventsTest, ACapsOwnThresholdsStandBeforeTheWorkspaces) {
  open_with_key();
  const auto cap = set_cap(user_scope(), usd(100));
  ASSERT_TRUE(set_cap(workspace_scope(), usd(1000)));
  ASSERT_TRUE(set_thresholds({{}, workspace_scope()}, ledger::thresholds_of({25})));
  ASSERT_TRUE(set_thresholds({*cap, {}}, ledger::thresholds_of({10})));
  spend(usd(30));
  EXPECT_THAT(percents(), ElementsAre(10));
  ASSERT_TRUE(set_thresholds({*cap, {}}, std::nullopt));
  reopen();
  // 25 % was passed when it came to hold: nothing is told of it now.
  spend(usd(1));
  EXPECT_THAT(percents(), ElementsAre(10));
  EXPECT_EQ(account(user_scope()).thresholds, ledger::thresholds_of({25}));
  ASSERT_TRUE(set_cap(team_scope(), usd(100)));  // inherits; 31 % from the books are past 25 %
  EXPECT_THAT(percents(), ElementsAre(10, 25));
  EXPECT_EQ(integer("SELECT COUNT(*) FROM audit WHERE action = 'thresholds.set'"), 3);
  expect_clean();
}

TEST_F(StoreEventsTest, ATeamsThresholdsAreThoseOfItsCaps) {
  open_with_key();
  ASSERT_TRUE(store->change([&](Change& change) -> Result<void> {
    change.sql().run(
        "INSERT INTO teams (workspace, id, name, handle, created) VALUES (?1, ?2, "
        "'a', 'a', 0)",
        {change.workspace(), who.team});
    return {};
  }));
  ASSERT_TRUE(set_cap(team_scope(), usd(100)));
  ASSERT_TRUE(set_cap(user_scope(), usd(100)));
  ASSERT_TRUE(set_thresholds({{}, team_scope()}, ledger::thresholds_of({30, 60})));
  ASSERT_TRUE(set_thresholds({{}, workspace_scope()}, ledger::thresholds_of({40})));
  EXPECT_EQ(account(team_scope()).thresholds, ledger::thresholds_of({30, 60}));
  EXPECT_EQ(account(user_scope()).thresholds, ledger::thresholds_of({40}));
  ASSERT_TRUE(set_thresholds({{}, team_scope()}, std::nullopt));
  EXPECT_EQ(account(team_scope()).thresholds, ledger::thresholds_of({40}));
}

TEST_F(StoreEventsTest, AtMostSixThresholdsAndNeverWithoutTheLast) {
  open_with_key();
  ledger::PercentSet none = ledger::PercentSet::from_bits(1);
  EXPECT_EQ(set_thresholds({{}, workspace_scope()}, none).error().code, "bad_thresholds");
  const auto many = ledger::thresholds_of({5, 10, 15, 20, 25, 30});
  EXPECT_EQ(set_thresholds({{}, workspace_scope()}, many).error().code, "bad_thresholds");
}

TEST_F(StoreEventsTest, ARaiseEndsAPauseAndSaysWhoAndWhy) {
  open_with_key();
  const auto cap = set_cap(user_scope(), usd(10));
  spend(usd(10));
  EXPECT_EQ(count(EventKind::pause_ended), 0);
  ASSERT_TRUE(change_caps(ledger::Raise{*cap, usd(20), kStart + std::chrono::hours(1)}));
  EXPECT_EQ(count(EventKind::pause_ended), 1);
  EXPECT_EQ(count(EventKind::limit_changed), 1);
  EXPECT_THAT(body(EventKind::limit_changed), HasSubstr("\"old_limit_usd\":\"10\""));
  EXPECT_THAT(body(EventKind::limit_changed), HasSubstr("\"actor_name\":\"Ada Admin\""));
  // The raise's time is over: the cap is paused again, and the change is the cause.
  env.advance(std::chrono::hours(2));
  reserve(cents(1));
  EXPECT_EQ(count(EventKind::limit_changed), 2);
  EXPECT_THAT(body(EventKind::threshold), HasSubstr("time is over"));
  expect_clean();
}

TEST_F(StoreEventsTest, AStopIsToldOnceAndSoIsItsEnd) {
  open_with_key();
  ASSERT_TRUE(set_cap(user_scope(), usd(10)));
  for (int i = 0; i < 2; ++i) ASSERT_TRUE(change_caps(ledger::Stop{user_scope()}));
  EXPECT_EQ(count(EventKind::stopped), 1);
  ASSERT_TRUE(change_caps(ledger::Resume{user_scope()}));
  EXPECT_EQ(count(EventKind::resumed), 1);
}

TEST_F(StoreEventsTest, AMoveIsOneEntryThatNamesBoth) {
  open_with_key();
  const auto giver = set_cap(user_scope(), usd(10));
  const auto taker = set_cap(team_scope(), usd(10));
  ASSERT_TRUE(change_caps(ledger::Reallocate{*giver, *taker, usd(4), {}}));
  EXPECT_EQ(integer("SELECT COUNT(*) FROM audit WHERE action = 'cap.reallocate'"), 1);
  std::string target;
  store->read([&](Sql& sql) {
    sql.each("SELECT target FROM audit WHERE action = 'cap.reallocate'", {},
             [&](const Row& row) { target = row.text(0); });
  });
  EXPECT_THAT(target, HasSubstr(to_text("cap", *giver)));
  EXPECT_THAT(target, HasSubstr(to_text("cap", *taker)));
  EXPECT_EQ(count(EventKind::limit_changed), 2);
}

}  // namespace
}  // namespace purser::store
