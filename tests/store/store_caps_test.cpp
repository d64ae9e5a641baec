// Caps: made, changed, raised, ended, and their cycles; stops; what views show.
#include "store_test_support.h"

namespace purser::store {
namespace {

using ledger::Decision;
using ledger::Enforcement;
using ledger::ScopeKind;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr Instant kMonthEnd{std::chrono::sys_days{std::chrono::year{2026} / 12 / 1}};

TEST_F(StoreTest, ACapMadeInMidCycleTakesItsBalanceFromTheBooks) {
  open_with_key();
  ASSERT_TRUE(set_cap(user_scope(), usd(100)));
  who.project = make_id(env);
  who.label = make_id(env);
  who.task_name = "refactor";
  who.task = task_id(who.user, who.task_name);
  spend(usd(7));
  Id open_request;
  reserve(usd(5), &open_request);
  for (const ledger::Scope& scope : scopes_of(store->workspace(), who)) {
    if (scope.kind == ScopeKind::user) continue;
    const Period period = scope.kind == ScopeKind::task ? Period::none : Period::month;
    ASSERT_TRUE(set_cap(scope, usd(20), period)) << name(scope.kind);
    EXPECT_EQ(account(scope).spent, usd(7)) << name(scope.kind);
    EXPECT_EQ(account(scope).held, usd(5)) << name(scope.kind);
  }
  // The open hold settles into all of them.
  const CommandResult settled = settle(open_request, usd(4));
  EXPECT_THAT(settled.accounts, SizeIs(8));
  for (const ledger::Scope& scope : scopes_of(store->workspace(), who)) {
    EXPECT_EQ(account(scope).spent, usd(11)) << name(scope.kind);
    EXPECT_EQ(account(scope).held, Nanos{0}) << name(scope.kind);
  }
  expect_clean();
}

TEST_F(StoreTest, ACapMadeInMidCycleLeavesOutEarlierCycles) {
  open_with_key();
  ASSERT_TRUE(set_cap(user_scope(), usd(100), Period::year));
  ASSERT_TRUE(set_cap(user_scope(), usd(100)));
  spend(usd(7));
  Id from_yesterday;
  reserve(usd(3), &from_yesterday);
  env.advance(std::chrono::hours(24));
  spend(usd(2));
  ASSERT_TRUE(set_cap(user_scope(), usd(50), Period::day));
  EXPECT_EQ(account(user_scope(), 2).spent, usd(2));
  EXPECT_EQ(account(user_scope(), 2).held, Nanos{0});
  settle(from_yesterday, usd(3));
  EXPECT_EQ(account(user_scope(), 2).spent, usd(2));
  EXPECT_EQ(account(user_scope(), 1).spent, usd(12));
  expect_clean();
}

TEST_F(StoreTest, ACapBelowWhatWasSpentGrantsNothing) {
  open_with_key();
  ASSERT_TRUE(set_cap(user_scope(), usd(100)));
  spend(usd(30));
  ASSERT_TRUE(set_cap(team_scope(), usd(20)));
  EXPECT_EQ(reserve(cents(1)).outcome.decision, Decision::paused);
  EXPECT_EQ(integer("SELECT COUNT(*) FROM outbox WHERE percent = 100"), 1);
  ASSERT_TRUE(set_cap(team_scope(), usd(40)));
  EXPECT_EQ(reserve(usd(5)).outcome.decision, Decision::granted);
  expect_clean();
}

TEST_F(StoreTest, AtMostFourCapsAScope) {
  open_with_key();
  for (const Period period : {Period::day, Period::week, Period::month, Period::quarter})
    ASSERT_TRUE(set_cap(user_scope(), usd(10), period));
  const auto fifth = set_cap(user_scope(), usd(10), Period::year);
  ASSERT_FALSE(fifth);
  EXPECT_EQ(fifth.error().code, "too_many_caps");
  EXPECT_TRUE(set_cap(user_scope(), usd(20), Period::day));  // a change, not a fifth
  EXPECT_THAT(store->caps({user_scope()}), SizeIs(4));
  expect_clean();
}

TEST_F(StoreTest, CapsThatCannotBe) {
  open_with_key();
  EXPECT_EQ(set_cap(user_scope(), usd(1), Period::none).error().code, "not_possible");
  EXPECT_EQ(set_cap({ScopeKind::task, make_id(env)}, usd(1)).error().code, "not_possible");
  EXPECT_EQ(set_cap(user_scope(), -usd(1)).error().code, "not_possible");
  EXPECT_EQ(change_caps(ledger::EndCap{make_id(env)}).error().code, "not_possible");
  EXPECT_EQ(change_caps(ledger::Settle{make_id(env), usd(1)}).error().code, "not_possible");
}

TEST_F(StoreTest, CyclesRollOverAndTheNextOneIsSeenBeforeItHasARow) {
  open_with_key();
  ASSERT_TRUE(set_cap(user_scope(), usd(10)));
  spend(usd(10));
  ASSERT_TRUE(store->find_pause({user_scope()}));
  EXPECT_EQ(account(user_scope()).cycle_end, kMonthEnd);
  env.advance(kMonthEnd - kStart);
  EXPECT_FALSE(store->find_pause({user_scope()}));
  EXPECT_EQ(account(user_scope()).spent, Nanos{0});
  EXPECT_EQ(account(user_scope()).cycle_start, kMonthEnd);
  EXPECT_EQ(integer("SELECT COUNT(*) FROM accounts"), 1);
  spend(usd(3));
  EXPECT_EQ(integer("SELECT COUNT(*) FROM accounts"), 2);
  EXPECT_EQ(account(user_scope()).spent, usd(3));
  expect_clean();
}

TEST_F(StoreTest, ASettleAcrossACycleCountsAtItsReserve) {
  open_with_key();
  ASSERT_TRUE(set_cap(user_scope(), usd(10)));
  Id before;
  reserve(usd(4), &before);
  env.advance(kMonthEnd - kStart + std::chrono::seconds(1));
  spend(usd(1));
  settle(before, usd(4));
  EXPECT_EQ(account(user_scope()).spent, usd(1));
  EXPECT_EQ(integer("SELECT spent_nanos FROM accounts WHERE cycle_start < ?1", {kMonthEnd}),
            usd(4).count());
  EXPECT_EQ(integer("SELECT SUM(cost_nanos) FROM rollups WHERE bucket < ?1", {kMonthEnd}),
            usd(4).count());
  expect_clean();
}

TEST_F(StoreTest, ACycleKeepsItsEndWhenTheCalendarChanges) {
  open_with_key();
  ASSERT_TRUE(set_cap(user_scope(), usd(10)));
  spend(usd(1));
  ASSERT_TRUE(store->change([&](Change& change) -> Result<void> {
    change.sql().run("UPDATE workspaces SET zone = 'Asia/Kathmandu', cycle_day = 15");
    change.reload_settings();
    change.audit({admin, "settings.set", "workspace", "", "", ""});
    return {};
  }));
  EXPECT_EQ(store->calendar()->settings().zone, "Asia/Kathmandu");
  EXPECT_EQ(account(user_scope()).cycle_end, kMonthEnd);
  env.advance(kMonthEnd - kStart);
  EXPECT_EQ(account(user_scope()).cycle_start, kMonthEnd);
  EXPECT_EQ(account(user_scope()).cycle_end,
            Instant{std::chrono::sys_days{std::chrono::year{2026} / 12 / 14}} +
                std::chrono::minutes(18 * 60 + 15));
  const auto bad = store->change([&](Change& change) -> Result<void> {
    change.sql().run("UPDATE workspaces SET zone = 'Mars/Olympus'");
    change.reload_settings();
    return {};
  });
  ASSERT_FALSE(bad);
  EXPECT_EQ(bad.error().code, "unknown_zone");
  EXPECT_EQ(store->calendar()->settings().zone, "Asia/Kathmandu");
  expect_clean();
}

TEST_F(StoreTest, ARaiseEndsByItself) {
  open_with_key();
  const auto cap = set_cap(user_scope(), usd(10));
  spend(usd(10));
  const Instant until = kStart + std::chrono::hours(48);
  ASSERT_TRUE(change_caps(ledger::Raise{*cap, usd(20), until}));
  spend(usd(4));
  env.advance(std::chrono::hours(48));
  // Views see it at once; the ledger ends it with the next command, audited.
  EXPECT_EQ(account(user_scope()).limit, usd(10));
  ASSERT_TRUE(store->find_pause({user_scope()}));
  EXPECT_EQ(reserve(usd(1)).outcome.decision, Decision::paused);
  EXPECT_EQ(integer("SELECT COUNT(*) FROM audit WHERE action = 'cap.end_raise'"), 1);
  EXPECT_EQ(integer("SELECT limit_nanos FROM accounts"), usd(10).count());
  expect_clean();
}

TEST_F(StoreTest, ARaiseForTheCycleEndsWithIt) {
  open_with_key();
  const auto cap = set_cap(user_scope(), usd(10));
  ASSERT_TRUE(change_caps(ledger::Raise{*cap, usd(20), kMonthEnd}));
  spend(usd(15));
  env.advance(kMonthEnd - kStart);
  EXPECT_EQ(account(user_scope()).limit, usd(10));
  spend(usd(2));
  EXPECT_EQ(reserve(usd(9)).outcome.decision, Decision::does_not_fit);
  expect_clean();
}

TEST_F(StoreTest, ReallocatesBetweenTwoCaps) {
  open_with_key();
  const auto from = set_cap(user_scope(), usd(10));
  const auto to = set_cap(team_scope(), usd(10));
  const auto moved = change_caps(ledger::Reallocate{*from, *to, usd(4), std::nullopt});
  ASSERT_TRUE(moved);
  EXPECT_EQ(moved->decision, Decision::granted);
  EXPECT_EQ(account(user_scope()).limit, usd(6));
  EXPECT_EQ(account(team_scope()).limit, usd(14));
  EXPECT_EQ(change_caps(ledger::Reallocate{*from, *to, usd(7), std::nullopt})->decision,
            Decision::not_possible);
  reopen();
  EXPECT_EQ(account(team_scope()).limit, usd(14));
  expect_clean();
}

TEST_F(StoreTest, AnEndedCapTakesTheSettlesOfItsOpenHolds) {
  open_with_key();
  const auto cap = set_cap(user_scope(), usd(10));
  ASSERT_TRUE(set_cap(team_scope(), usd(100)));
  Id request;
  reserve(usd(8), &request);
  ASSERT_TRUE(change_caps(ledger::EndCap{*cap}));
  EXPECT_THAT(store->caps({user_scope()}), IsEmpty());
  EXPECT_EQ(reserve(usd(9)).outcome.decision, Decision::granted);  // the ended one grants no more
  reopen();  // which settles both holds in full
  EXPECT_EQ(integer("SELECT spent_nanos FROM accounts WHERE ended = 1"), usd(8).count());
  EXPECT_EQ(integer("SELECT held_nanos FROM accounts WHERE ended = 1"), 0);
  // Made again, it begins with all that the books have.
  ASSERT_TRUE(set_cap(user_scope(), usd(100)));
  EXPECT_EQ(account(user_scope()).spent, usd(17));
  expect_clean();
}

TEST_F(StoreTest, WatchCapsStopNothing) {
  open_with_key();
  ASSERT_TRUE(set_cap(user_scope(), usd(10)));
  ASSERT_TRUE(set_cap(user_scope(), usd(2), Period::month, Enforcement::watch));
  const CommandResult held = reserve(usd(3));
  EXPECT_EQ(held.outcome.decision, Decision::granted);
  EXPECT_EQ(held.outcome.would_refuse, 2u);
  EXPECT_FALSE(store->find_pause({user_scope()}));
  expect_clean();
}

TEST_F(StoreTest, AStopHoldsUntilResumed) {
  open_with_key();
  ASSERT_TRUE(set_cap(user_scope(), usd(10)));
  ASSERT_TRUE(store->change([&](Change& change) -> Result<void> {
    auto applied = change.apply(ledger::Stop{team_scope()}, admin, "A leaked key.");
    return applied ? Result<void>{} : applied.error();
  }));
  const auto pause = store->find_pause({user_scope(), team_scope()});
  ASSERT_TRUE(pause);
  EXPECT_TRUE(pause->stopped);
  EXPECT_EQ(pause->scope, team_scope());
  EXPECT_EQ(pause->stop_reason, "A leaked key.");
  reopen();
  env.advance(std::chrono::hours(24 * 40));
  EXPECT_EQ(reserve(usd(1)).outcome.decision, Decision::stopped);
  ASSERT_TRUE(change_caps(ledger::Resume{team_scope()}));
  EXPECT_FALSE(store->find_pause({user_scope(), team_scope()}));
  EXPECT_EQ(reserve(usd(1)).outcome.decision, Decision::granted);
  expect_clean();
}

TEST_F(StoreTest, FindPauseNamesEveryPausedCapTheTightestFirst) {
  open_with_key();
  ASSERT_TRUE(set_cap(workspace_scope(), usd(1000)));
  ASSERT_TRUE(set_cap(user_scope(), usd(10)));
  ASSERT_TRUE(set_cap(team_scope(), cents(1003)));
  spend(usd(10));
  const auto pause = store->find_pause({workspace_scope(), team_scope(), user_scope()});
  ASSERT_TRUE(pause);
  EXPECT_FALSE(pause->stopped);
  EXPECT_EQ(pause->scope, user_scope());
  ASSERT_THAT(pause->accounts, SizeIs(2));
  EXPECT_EQ(pause->accounts[0].scope, user_scope());
  EXPECT_EQ(pause->accounts[1].scope, team_scope());
}

TEST_F(StoreTest, ARefusedOrThrowingChangeUndoesAllOfIt) {
  open_with_key();
  ASSERT_TRUE(set_cap(user_scope(), usd(10)));
  const auto entries = integer("SELECT COUNT(*) FROM audit");
  const auto refused = store->change([&](Change& change) -> Result<void> {
    EXPECT_TRUE(
        change.set_cap({user_scope(), Period::month, Enforcement::hard, usd(99), {}}, admin, ""));
    EXPECT_TRUE(
        change.set_cap({team_scope(), Period::month, Enforcement::hard, usd(99), {}}, admin, ""));
    return Error{"changed_my_mind", "No.", Side::client};
  });
  EXPECT_EQ(refused.error().code, "changed_my_mind");
  const auto thrown = store->change([&](Change& change) -> Result<void> {
    EXPECT_TRUE(
        change.set_cap({user_scope(), Period::month, Enforcement::hard, usd(99), {}}, admin, ""));
    change.sql().run("INSERT INTO no_such_table VALUES (1)");
    return {};
  });
  EXPECT_EQ(thrown.error().code, "change_failed");
  EXPECT_EQ(account(user_scope()).limit, usd(10));
  EXPECT_THAT(store->caps({team_scope()}), IsEmpty());
  EXPECT_EQ(integer("SELECT COUNT(*) FROM audit"), entries);
  spend(usd(1));
  expect_clean();
}

// What left the narrow rows within the change is there again, and counted.
TEST_F(StoreTest, ARefusedChangePutsBalancesBack) {
  options.recent_balances = 1;
  open_with_key();
  ASSERT_TRUE(set_cap(user_scope(), usd(100)));
  ASSERT_TRUE(set_cap(team_scope(), usd(100)));
  for (int i = 0; i < 3; ++i) {
    const Id request = spend(usd(4));
    const auto refused = store->change([&](Change& change) -> Result<void> {
      EXPECT_TRUE(change.correct_usage(request, usd(2), admin, "wrong"));
      change.sql().run("UPDATE settings SET value = value");  // so that all is written
      return Error{"changed_my_mind", "No.", Side::client};
    });
    EXPECT_EQ(refused.error().code, "changed_my_mind");
    EXPECT_EQ(integer("SELECT COUNT(*) FROM recent_balances"), 1);
  }
  EXPECT_EQ(account(user_scope()).spent, usd(12));
  EXPECT_EQ(integer("SELECT SUM(spent_nanos) FROM accounts"), usd(24).count());
  expect_clean();
}

TEST_F(StoreTest, TheSameLimitAgainIsNoNewVersion) {
  open_with_key();
  ASSERT_TRUE(set_cap(user_scope(), usd(10)));
  spend(usd(5));
  ASSERT_TRUE(set_cap(user_scope(), usd(10)));
  EXPECT_EQ(account(user_scope()).limit_version, 1u);
  EXPECT_EQ(integer("SELECT COUNT(*) FROM outbox"), 1);
  EXPECT_EQ(integer("SELECT COUNT(*) FROM audit WHERE action = 'cap.set'"), 2);
}

TEST_F(StoreTest, CorrectsWhatAUsageCost) {
  open_with_key();
  ASSERT_TRUE(set_cap(user_scope(), usd(10)));
  const Id request = spend(usd(4));
  ASSERT_TRUE(set_cap(team_scope(), usd(5)));
  const auto correct = [&](Nanos cost) {
    return store->change([&](Change& change) -> Result<void> {
      auto applied = change.correct_usage(request, cost, admin, "The invoice says so.");
      return applied ? Result<void>{} : applied.error();
    });
  };
  ASSERT_TRUE(correct(usd(6)));
  EXPECT_EQ(account(user_scope()).spent, usd(6));
  EXPECT_EQ(account(team_scope()).spent, usd(6));  // above its limit, and booked why
  ASSERT_TRUE(correct(usd(1)));
  EXPECT_EQ(account(user_scope()).spent, usd(1));
  EXPECT_EQ(account(team_scope()).spent, usd(1));
  EXPECT_EQ(integer("SELECT SUM(cost_nanos) FROM rollups"), usd(1).count());
  expect_clean();
}

}  // namespace
}  // namespace purser::store
