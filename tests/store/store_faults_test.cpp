// Disks that fail while the store writes (I8), and power cuts.
#include <sys/wait.h>
#include <unistd.h>

#include "fault_vfs.h"
#include "store_test_support.h"

namespace purser::store {
namespace {

using ledger::Decision;

class FaultsTest : public StoreTest {
 protected:
  FaultVfs vfs;
  void TearDown() override { store.reset(); }
};

TEST_F(FaultsTest, AFullDiskAnswersNotDurableAndChangesNothing) {
  open_with_key();
  ASSERT_TRUE(set_cap(user_scope(), usd(10)));
  Id request;
  reserve(usd(2), &request);
  vfs.faults().full = true;
  EXPECT_EQ(reserve(usd(1)).status, StoreStatus::not_durable);
  EXPECT_EQ(settle(request, usd(1)).status, StoreStatus::not_durable);
  EXPECT_EQ(set_cap(user_scope(), usd(99)).error().code, "not_durable");
  EXPECT_EQ(account(user_scope()).held, usd(2));
  EXPECT_EQ(account(user_scope()).spent, Nanos{0});
  EXPECT_EQ(account(user_scope()).limit, usd(10));
  EXPECT_GE(store->counters().failed_commits, 3u);
  EXPECT_EQ(store->counters().holds_open, 1u);
  vfs.faults().full = false;
  EXPECT_EQ(settle(request, usd(1)).status, StoreStatus::done);
  EXPECT_EQ(reserve(usd(3)).outcome.decision, Decision::granted);
  EXPECT_EQ(account(user_scope()).spent, usd(1));
  expect_clean();
}

TEST_F(FaultsTest, OneFailedBatchFailsAllOfItsCommands) {
  open_with_key();
  ASSERT_TRUE(set_cap(user_scope(), usd(1000)));
  std::promise<void> go_on, blocked, all;
  auto wait = go_on.get_future();
  ASSERT_TRUE(store->submit(settle_request(make_id(env), usd(1)), [&](CommandResult&&) {
    blocked.set_value();
    wait.get();
  }));
  blocked.get_future().get();
  int not_durable = 0, left = 50;  // touched by the writer's thread alone
  for (int i = 0; i < 50; ++i)
    ASSERT_TRUE(store->submit(reserve_request(usd(1)), [&](CommandResult&& result) {
      if (result.status == StoreStatus::not_durable) ++not_durable;
      if (--left == 0) all.set_value();
    }));
  vfs.faults().full = true;
  go_on.set_value();
  all.get_future().get();
  vfs.faults().full = false;
  EXPECT_EQ(not_durable, 50);
  EXPECT_EQ(account(user_scope()).held, Nanos{0});
  expect_clean();
}

TEST_F(FaultsTest, AFailedSyncEndsTheProcessAndTheNextStartDecides) {
  open_with_key();
  ASSERT_TRUE(set_cap(user_scope(), usd(10)));
  spend(usd(1));
  store.reset();
  const pid_t child = fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    // The message is expected; it would look like a failure in the log.
    if (freopen("/dev/null", "w", stderr) == nullptr) _exit(3);
    open();
    spend(usd(2));
    vfs.faults().sync_fails = true;
    reserve(usd(3));
    _exit(0);
  }
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  EXPECT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT) << status;
  open();
  EXPECT_GE(account(user_scope()).spent, usd(3));
  EXPECT_EQ(account(user_scope()).held, Nanos{0});
  expect_clean();
}

TEST_F(FaultsTest, WhatWasConfirmedOutlivesAPowerCut) {
  vfs.faults().keeps_synced = true;
  open_with_key();
  ASSERT_TRUE(set_cap(user_scope(), usd(1000)));
  for (int round = 0; round < 5; ++round) {
    std::vector<Id> held, settled;
    for (int i = 0; i < 20; ++i) {
      Id request;
      ASSERT_EQ(reserve(usd(1), &request).outcome.decision, Decision::granted);
      if (i % 3 == 0)
        held.push_back(request);
      else if (settle(request, cents(50)).status == StoreStatus::done)
        settled.push_back(request);
    }
    // The files as of their last syncs, before an orderly end could write more.
    const std::string cut = directory.path() + "/cut" + std::to_string(round);
    std::filesystem::copy(options.directory, cut);
    cut_power(cut);
    store.reset();
    options.directory = cut;
    open();
    for (const Id& request : settled)
      EXPECT_EQ(integer("SELECT cost_nanos FROM usages WHERE request = ?1", {request}),
                cents(50).count());
    for (const Id& request : held)
      EXPECT_EQ(integer("SELECT flags FROM usages WHERE request = ?1", {request}), kUnconfirmed);
    const auto report = [&] {
      const std::string file = directory.path() + "/copy" + std::to_string(round);
      EXPECT_TRUE(store->backup(file));
      return verify(file);
    }();
    ASSERT_TRUE(report);
    EXPECT_THAT(report->problems, ::testing::IsEmpty());
  }
}

}  // namespace
}  // namespace purser::store
