// Reserve, settle, release: what the store adds to the ledger's decision.
#include "store_test_support.h"

namespace purser::store {
namespace {

using ledger::Decision;
using ledger::ScopeKind;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

TEST_F(StoreTest, HoldsThenSettlesToTheExactCost) {
  open_with_key();
  ASSERT_TRUE(set_cap(workspace_scope(), usd(100)));
  ASSERT_TRUE(set_cap(user_scope(), usd(10)));
  Id request;
  const CommandResult held = reserve(usd(2), &request);
  EXPECT_EQ(held.status, StoreStatus::done);
  EXPECT_EQ(held.outcome.decision, Decision::granted);
  EXPECT_EQ(held.outcome.amount, usd(2));
  EXPECT_EQ(held.at, kStart);
  ASSERT_THAT(held.accounts, SizeIs(2));
  EXPECT_EQ(held.accounts[1].held, usd(2));
  EXPECT_EQ(account(user_scope()).held, usd(2));
  EXPECT_EQ(store->counters().holds_open, 1u);

  const CommandResult settled = settle(request, cents(150));
  EXPECT_EQ(settled.status, StoreStatus::done);
  EXPECT_EQ(settled.outcome.amount, cents(150));
  EXPECT_EQ(account(user_scope()).held, Nanos{0});
  EXPECT_EQ(account(user_scope()).spent, cents(150));
  EXPECT_EQ(account(workspace_scope()).spent, cents(150));
  EXPECT_EQ(store->counters().holds_open, 0u);
  expect_clean();
}

TEST_F(StoreTest, UsageRowHasWhatLaterWorkNeeds) {
  open_with_key();
  ASSERT_TRUE(set_cap(user_scope(), usd(10)));
  Id request;
  who.task_name = "nightly";
  who.task = task_id(who.user, who.task_name);
  reserve(usd(2), &request);
  env.advance(std::chrono::seconds(3));
  settle(request, cents(150));
  bool found = false;
  store->read([&](Sql& sql) {
    sql.each(
        "SELECT hold_nanos, cost_nanos, reserved_at, settled_at, user, team, key, task_name, "
        "model, actual_model, price_version, input_tokens, output_audio_tokens, reasoning_tokens, "
        "web_searches, tool_calls, status, flags FROM usages WHERE request = ?1",
        {request}, [&](const Row& row) {
          found = true;
          EXPECT_EQ(row.nanos(0), usd(2));
          EXPECT_EQ(row.nanos(1), cents(150));
          EXPECT_EQ(row.instant(2), kStart);
          EXPECT_EQ(row.instant(3), kStart + std::chrono::seconds(3));
          EXPECT_EQ(row.id(4), who.user);
          EXPECT_EQ(row.id(5), who.team);
          EXPECT_EQ(row.id(6), who.key);
          EXPECT_EQ(row.text(7), "nightly");
          EXPECT_EQ(row.text(8), "openai/gpt-5");
          EXPECT_EQ(row.text(9), "gpt-5-2026-08-07");
          EXPECT_EQ(row.text(10), "2026-11-01");
          EXPECT_EQ(row.integer(11), 100);
          EXPECT_EQ(row.integer(12), 8);
          EXPECT_EQ(row.integer(13), 30);
          EXPECT_EQ(row.integer(14), 2);
          EXPECT_EQ(row.integer(15), 1);
          EXPECT_EQ(row.integer(16), 200);
          EXPECT_EQ(row.integer(17), 0);
        });
  });
  EXPECT_TRUE(found);
  EXPECT_EQ(integer("SELECT cost_nanos FROM tasks WHERE id = ?1", {who.task}), cents(150).count());
  EXPECT_EQ(integer("SELECT requests FROM rollups WHERE user = ?1 AND bucket = ?2",
                    {who.user, rollup_bucket(kStart)}),
            1);
  expect_clean();
}

// One settle counts nothing but input and output, the next one each thing there is alone.
TEST_F(StoreTest, ARollupSumsEveryCount) {
  open_with_key();
  ASSERT_TRUE(set_cap(user_scope(), usd(100)));
  const auto spend_with = [&](const BilledCounts& counts) {
    Id request;
    reserve(usd(1), &request);
    SettleRequest made = settle_request(request, usd(1));
    made.counts = counts;
    EXPECT_EQ(run(std::move(made)).status, StoreStatus::done);
  };
  for (int times = 0; times < 2; ++times) {
    for (std::size_t i = 0; i < 8; ++i) {
      BilledCounts counts;
      counts.tokens = {10, 0, 0, 0, 20};
      counts.tokens.resize(8);
      counts.tokens[i] += 1 << i;
      spend_with(counts);
    }
    BilledCounts searches, reasoning, calls;
    searches.fee_calls = {3};
    reasoning.reasoning_tokens = 5;
    calls.tool_calls = 7;
    for (const BilledCounts& counts : {searches, reasoning, calls}) spend_with(counts);
    reopen();
  }
  store->read([&](Sql& sql) {
    sql.each(
        "SELECT requests, input_tokens, cached_input_tokens, cache_write_5m_tokens, "
        "cache_write_1h_tokens, output_tokens, input_audio_tokens, cached_input_audio_tokens, "
        "output_audio_tokens, reasoning_tokens, web_searches, tool_calls FROM rollups",
        {}, [&](const Row& row) {
          std::vector<std::int64_t> sums;
          for (int i = 0; i < 12; ++i) sums.push_back(row.integer(i));
          EXPECT_THAT(sums,
                      ::testing::ElementsAre(22, 162, 4, 8, 16, 352, 64, 128, 256, 10, 6, 14));
        });
  });
  EXPECT_EQ(integer("SELECT COUNT(*) FROM rollups"), 1);
  expect_clean();
}

TEST_F(StoreTest, RepeatedIdsChangeNothing) {
  open_with_key();
  ASSERT_TRUE(set_cap(user_scope(), usd(10)));
  const ReserveRequest request = reserve_request(usd(2));
  EXPECT_EQ(run(request).status, StoreStatus::done);
  const CommandResult again = run(request);
  EXPECT_EQ(again.status, StoreStatus::duplicate);
  EXPECT_EQ(again.outcome.amount, usd(2));
  EXPECT_EQ(account(user_scope()).held, usd(2));

  EXPECT_EQ(settle(request.reserve.request, usd(1)).status, StoreStatus::done);
  const CommandResult settled_again = settle(request.reserve.request, usd(2));
  EXPECT_EQ(settled_again.status, StoreStatus::duplicate);
  EXPECT_EQ(settled_again.outcome.amount, usd(1));
  // The memory of a settled request is its usage row, also after a restart.
  reopen();
  EXPECT_EQ(run(request).status, StoreStatus::duplicate);
  EXPECT_EQ(account(user_scope()).spent, usd(1));
  EXPECT_EQ(account(user_scope()).held, Nanos{0});
  expect_clean();
}

TEST_F(StoreTest, SettleWithoutAHoldIsUnknown) {
  open_with_key();
  EXPECT_EQ(settle(make_id(env), usd(1)).status, StoreStatus::unknown_request);
}

TEST_F(StoreTest, RefusesWithoutACapAndWithoutRoom) {
  open_with_key();
  EXPECT_EQ(reserve(usd(1)).outcome.decision, Decision::no_cap);
  ASSERT_TRUE(set_cap(user_scope(), usd(10)));
  EXPECT_EQ(reserve(usd(11)).outcome.decision, Decision::does_not_fit);
  Id request;
  EXPECT_EQ(reserve(usd(8), &request).outcome.decision, Decision::granted);
  EXPECT_EQ(reserve(usd(3)).outcome.decision, Decision::holds_in_the_way);
  settle(request, usd(10));
  const CommandResult paused = reserve(cents(1));
  EXPECT_EQ(paused.outcome.decision, Decision::paused);
  EXPECT_EQ(store->counters().refusals, 4u);
  expect_clean();
}

TEST_F(StoreTest, RefusalWritesNothingUnlessItReachesACap) {
  open_with_key();
  ASSERT_TRUE(set_cap(user_scope(), usd(100)));
  spend(usd(97));
  const auto outbox = integer("SELECT COUNT(*) FROM outbox");
  const auto sequence = integer("SELECT sequence FROM progress");
  // Too large for what is left, and too large a part of the limit to say anything about it.
  EXPECT_EQ(reserve(usd(6)).outcome.decision, Decision::does_not_fit);
  EXPECT_EQ(integer("SELECT sequence FROM progress"), sequence);
  EXPECT_EQ(integer("SELECT COUNT(*) FROM outbox"), outbox);
  // 4 % of the limit: the cap is reached, and one alert says so.
  EXPECT_EQ(reserve(usd(4)).outcome.decision, Decision::does_not_fit);
  EXPECT_EQ(integer("SELECT COUNT(*) FROM outbox WHERE percent = 100"), 1);
  EXPECT_EQ(reserve(usd(4)).outcome.decision, Decision::does_not_fit);
  EXPECT_EQ(integer("SELECT COUNT(*) FROM outbox WHERE percent = 100"), 1);
  EXPECT_TRUE(account(user_scope()).is_reached());
  expect_clean();
}

TEST_F(StoreTest, EachThresholdAlertsOnceForACycleAndLimit) {
  open_with_key();
  const auto cap = set_cap(user_scope(), usd(10));
  ASSERT_TRUE(cap);
  const auto alerts = [&](int percent) {
    return integer("SELECT COUNT(*) FROM outbox WHERE percent = ?1", {percent});
  };
  spend(usd(5));
  spend(usd(1));
  EXPECT_EQ(alerts(50), 1);
  EXPECT_EQ(alerts(80), 0);
  spend(usd(2));
  EXPECT_EQ(alerts(80), 1);
  ASSERT_TRUE(set_cap(user_scope(), usd(15)));  // 8 of 15 is past a half still: no second alert
  EXPECT_EQ(alerts(50), 1);
  spend(usd(4));
  EXPECT_EQ(alerts(80), 2);
  env.advance(std::chrono::hours(24 * 30));
  spend(usd(8));
  EXPECT_EQ(alerts(50), 2);
  expect_clean();
}

TEST_F(StoreTest, StaleIdentityIsRefused) {
  open_with_key();
  ASSERT_TRUE(set_cap(user_scope(), usd(10)));
  ReserveRequest old = reserve_request(usd(1));
  old.identity_version = 1;
  EXPECT_EQ(run(old).status, StoreStatus::stale_identity);
  ASSERT_TRUE(store->change([&](Change& change) -> Result<void> {
    change.raise_identity_version(who.key);
    return {};
  }));
  EXPECT_EQ(reserve(usd(1)).status, StoreStatus::stale_identity);
  ReserveRequest fresh = reserve_request(usd(1));
  fresh.identity_version = 3;
  EXPECT_EQ(run(fresh).status, StoreStatus::done);
  who.key = make_id(env);
  EXPECT_EQ(reserve(usd(1)).status, StoreStatus::stale_identity);
}

TEST_F(StoreTest, SettlesInFullWhereTheCostIsNotKnown) {
  open_with_key();
  ASSERT_TRUE(set_cap(user_scope(), usd(10)));
  Id request;
  reserve(usd(3), &request);
  SettleRequest in_full;
  in_full.request = request;
  in_full.in_full = true;
  in_full.flags = kEstimated;
  in_full.ending = "cut";
  EXPECT_EQ(run(in_full).outcome.amount, usd(3));
  EXPECT_EQ(account(user_scope()).spent, usd(3));
  EXPECT_EQ(integer("SELECT flags FROM usages"), kEstimated);
  expect_clean();
}

TEST_F(StoreTest, ReleaseIsAUsageOfNothing) {
  open_with_key();
  ASSERT_TRUE(set_cap(user_scope(), usd(10)));
  Id request;
  reserve(usd(3), &request);
  EXPECT_EQ(settle(request, Nanos{0}).status, StoreStatus::done);
  EXPECT_EQ(account(user_scope()).remaining(), usd(10));
  EXPECT_EQ(integer("SELECT flags FROM usages"), kReleased);
  expect_clean();
}

TEST_F(StoreTest, BilledAboveTheBoundIsBookedCountedAndToldUntilCleared) {
  open_with_key();
  ASSERT_TRUE(set_cap(user_scope(), usd(10)));
  Id request;
  reserve(usd(9), &request);
  EXPECT_FALSE(store->is_overspent("openai/gpt-5"));
  const CommandResult settled = settle(request, usd(12));
  EXPECT_EQ(settled.outcome.overspend, usd(3));
  EXPECT_EQ(account(user_scope()).spent, usd(12));
  EXPECT_TRUE(store->is_overspent("openai/gpt-5"));
  EXPECT_EQ(store->counters().overspend_total, usd(3));
  EXPECT_EQ(integer("SELECT flags FROM usages"), kOverspend);
  EXPECT_EQ(integer("SELECT COUNT(*) FROM outbox WHERE kind = 1"), 1);
  expect_clean();  // above the limit, but booked why
  EXPECT_TRUE(store->is_overspent("openai/gpt-5"));
  ASSERT_TRUE(store->change([&](Change& change) {
    return change.clear_overspend("openai/gpt-5", admin, "looked at it");
  }));
  EXPECT_FALSE(store->is_overspent("openai/gpt-5"));
  reopen();
  EXPECT_FALSE(store->is_overspent("openai/gpt-5"));
}

TEST_F(StoreTest, NoUpstreamFigureCanBreakTheSums) {
  open_with_key();
  ASSERT_TRUE(set_cap(user_scope(), usd(1000)));
  for (int i = 0; i < 20; ++i) {
    ASSERT_TRUE(set_cap(user_scope(), Nanos{kMaxAmount.count() - i}));
    Id request;
    ASSERT_EQ(reserve(usd(1), &request).outcome.decision, Decision::granted);
    SettleRequest lie = settle_request(request, kMaxAmount);
    lie.counts.tokens.assign(8, INT64_MAX);
    EXPECT_EQ(run(lie).status, StoreStatus::done);
  }
  expect_clean();
}

TEST_F(StoreTest, FreeModelsAreRefusedByAStopOnly) {
  open_with_key();
  ReserveRequest free = reserve_request(Nanos{0});
  free.reserve.free = true;
  EXPECT_EQ(run(free).outcome.decision, Decision::granted);
  EXPECT_EQ(settle(free.reserve.request, Nanos{0}).status, StoreStatus::done);
  ASSERT_TRUE(change_caps(ledger::Stop{user_scope()}));
  free = reserve_request(Nanos{0});
  free.reserve.free = true;
  EXPECT_EQ(run(free).outcome.decision, Decision::stopped);
  expect_clean();
}

TEST_F(StoreTest, WhatQueuesDuringACommitSharesTheNext) {
  open_with_key();
  ASSERT_TRUE(set_cap(user_scope(), usd(50)));
  const auto commits = store->counters().commits;
  std::promise<void> all_queued;
  auto until_queued = all_queued.get_future();
  ASSERT_TRUE(store->submit(settle_request(make_id(env), usd(1)),
                            [&](CommandResult&&) { until_queued.get(); }));
  int granted = 0, refused = 0, left = 200;  // touched by the writer's thread alone
  std::promise<void> all;
  for (int i = 0; i < 200; ++i)
    ASSERT_TRUE(store->submit(reserve_request(usd(1)), [&](CommandResult&& result) {
      (result.outcome.decision == Decision::granted ? granted : refused)++;
      if (--left == 0) all.set_value();
    }));
  all_queued.set_value();
  all.get_future().get();
  EXPECT_EQ(granted, 50);
  EXPECT_EQ(refused, 150);
  EXPECT_EQ(account(user_scope()).held, usd(50));
  EXPECT_LE(store->counters().commits, commits + 2);
  EXPECT_GE(store->counters().largest_batch, 101u);
}

}  // namespace
}  // namespace purser::store
