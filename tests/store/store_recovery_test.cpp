// What a crash leaves behind, and what the next start makes of it.
#include <sys/wait.h>
#include <unistd.h>

#include "store_test_support.h"

namespace purser::store {
namespace {

using ledger::Decision;

class RecoveryTest : public StoreTest {
 protected:
  // The files as they are now, as a crash at this instant would leave them.
  void crash() {
    const std::string copy = directory.path() + "/crashed";
    std::filesystem::remove_all(copy);
    std::filesystem::copy(options.directory, copy);
    store.reset();
    options.directory = copy;
    open();
  }
};

TEST_F(RecoveryTest, OpenHoldsAreSettledInFullAndMarked) {
  open_with_key();
  ASSERT_TRUE(set_cap(user_scope(), usd(10)));
  spend(usd(1));
  Id request;
  reserve(usd(3), &request);
  EXPECT_EQ(account(user_scope()).held, usd(3));
  crash();
  EXPECT_EQ(store->counters().expired_at_start, 1u);
  EXPECT_EQ(account(user_scope()).held, Nanos{0});
  EXPECT_EQ(account(user_scope()).spent, usd(4));
  EXPECT_EQ(integer("SELECT flags FROM usages WHERE request = ?1", {request}), kUnconfirmed);
  EXPECT_EQ(integer("SELECT COUNT(*) FROM audit WHERE action = 'hold.expire'"), 1);
  expect_clean();
}

TEST_F(RecoveryTest, ALateSettleBooksTheDifference) {
  open_with_key();
  ASSERT_TRUE(set_cap(user_scope(), usd(10)));
  Id request;
  who.task_name = "t";
  who.task = task_id(who.user, "t");
  reserve(usd(3), &request);
  crash();
  ASSERT_TRUE(set_cap(team_scope(), usd(10)));  // made since: it took the full hold from the books
  EXPECT_EQ(account(team_scope()).spent, usd(3));
  const CommandResult late = settle(request, usd(2));
  EXPECT_EQ(late.status, StoreStatus::done);
  EXPECT_EQ(late.outcome.amount, -usd(1));
  EXPECT_EQ(account(user_scope()).spent, usd(2));
  EXPECT_EQ(account(team_scope()).spent, usd(2));
  EXPECT_EQ(integer("SELECT flags FROM usages"), 0);
  EXPECT_EQ(integer("SELECT input_tokens FROM usages"), 100);
  EXPECT_EQ(integer("SELECT SUM(cost_nanos) FROM rollups"), usd(2).count());
  EXPECT_EQ(integer("SELECT cost_nanos FROM tasks"), usd(2).count());
  EXPECT_EQ(settle(request, usd(1)).status, StoreStatus::duplicate);
  EXPECT_EQ(account(user_scope()).spent, usd(2));
  expect_clean();
}

TEST_F(RecoveryTest, ALateSettleAcrossACycleGoesToItsOwn) {
  open_with_key();
  ASSERT_TRUE(set_cap(user_scope(), usd(10)));
  Id request;
  reserve(usd(3), &request);
  env.advance(std::chrono::hours(24 * 20));
  crash();
  spend(usd(1));
  EXPECT_EQ(settle(request, Nanos{0}).status, StoreStatus::done);
  EXPECT_EQ(account(user_scope()).spent, usd(1));
  EXPECT_EQ(integer("SELECT SUM(spent_nanos) FROM accounts"), usd(1).count());
  EXPECT_EQ(integer("SELECT flags FROM usages WHERE request = ?1", {request}), kReleased);
  expect_clean();
}

TEST_F(RecoveryTest, ALateSettleAboveItsHoldIsAnOverspend) {
  open_with_key();
  ASSERT_TRUE(set_cap(user_scope(), usd(10)));
  Id request;
  reserve(usd(3), &request);
  crash();
  const CommandResult late = settle(request, usd(12));
  EXPECT_EQ(late.status, StoreStatus::done);
  EXPECT_EQ(late.outcome.overspend, usd(9));
  EXPECT_TRUE(store->is_overspent("openai/gpt-5"));
  EXPECT_EQ(integer("SELECT flags FROM usages"), kOverspend);
  EXPECT_EQ(account(user_scope()).spent, usd(12));
  EXPECT_EQ(reserve(cents(1)).outcome.decision, Decision::paused);
  expect_clean();
}

TEST_F(RecoveryTest, MoreHoldsThanOneTransactionTakes) {
  open_with_key();
  ASSERT_TRUE(set_cap(user_scope(), usd(1000)));
  for (int i = 0; i < 300; ++i) reserve(usd(1));
  crash();
  EXPECT_EQ(store->counters().expired_at_start, 300u);
  EXPECT_EQ(account(user_scope()).spent, usd(300));
  EXPECT_EQ(account(user_scope()).held, Nanos{0});
  expect_clean();
}

TEST_F(RecoveryTest, AGracefulEndLeavesNothingUnconfirmed) {
  open_with_key();
  ASSERT_TRUE(set_cap(user_scope(), usd(10)));
  Id request;
  reserve(usd(3), &request);
  // Still queued when the store is told to end: drained, not dropped.
  std::promise<CommandResult> answer;
  ASSERT_TRUE(store->submit(settle_request(request, usd(2)),
                            [&](CommandResult&& result) { answer.set_value(std::move(result)); }));
  store.reset();
  EXPECT_EQ(answer.get_future().get().status, StoreStatus::done);
  open();
  EXPECT_EQ(store->counters().expired_at_start, 0u);
  EXPECT_EQ(account(user_scope()).spent, usd(2));
  EXPECT_EQ(integer("SELECT COUNT(*) FROM epochs WHERE ended_at IS NOT NULL"), 1);
  expect_clean();
}

// A process that is ended at any instant, with a queue full of work: what it had confirmed is
// there.
TEST_F(RecoveryTest, AKilledProcessLosesNothingItHadConfirmed) {
  open_with_key();
  ASSERT_TRUE(set_cap(user_scope(), usd(1'000'000)));
  store.reset();
  for (int round = 0; round < 5; ++round) {
    int confirmed[2];
    ASSERT_EQ(pipe(confirmed), 0);
    const pid_t child = fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
      close(confirmed[0]);
      open();
      int done = 0;
      for (int i = 0;; ++i) {
        ReserveRequest request = reserve_request(usd(1));
        // Each process begins with the same seed.
        request.reserve.request.bytes[0] = static_cast<std::uint8_t>(round);
        const Id id = request.reserve.request;
        const bool queued = store->submit(std::move(request), [&, id](CommandResult&& held) {
          if (write(confirmed[1], id.bytes.data(), id.bytes.size()) < 0) _exit(2);
          if (held.status == StoreStatus::done && id.bytes[15] % 2 == 0)
            static_cast<void>(store->submit(settle_request(id, usd(1)), [](CommandResult&&) {}));
          if (++done == 200 + 37 * round) _exit(0);
        });
        if (!queued) std::this_thread::yield();
      }
    }
    close(confirmed[1]);
    std::vector<Id> ids;
    Id id;
    while (read(confirmed[0], id.bytes.data(), id.bytes.size()) == 16) ids.push_back(id);
    close(confirmed[0]);
    int status = 0;
    ASSERT_EQ(waitpid(child, &status, 0), child);
    ASSERT_EQ(status, 0);
    ASSERT_GE(ids.size(), 200u);
    open();
    for (const Id& request : ids)
      EXPECT_EQ(integer("SELECT COUNT(*) FROM usages WHERE request = ?1", {request}), 1);
    EXPECT_EQ(account(user_scope()).held, Nanos{0});
    expect_clean();
    store.reset();
  }
}

}  // namespace
}  // namespace purser::store
