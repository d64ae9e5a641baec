#include "clock_guard.h"

#include "store_test_support.h"

namespace purser::store {
namespace {

using std::chrono::hours;
using std::chrono::seconds;

TEST(ClockGuard, FollowsTheWallClock) {
  ClockGuard guard(kStart);
  EXPECT_EQ(guard.observe(kStart + seconds(5), seconds(100)), kStart + seconds(5));
  EXPECT_EQ(guard.observe(kStart + hours(500), seconds(95) + hours(500)), kStart + hours(500));
  EXPECT_FALSE(guard.in_doubt());
}

TEST(ClockGuard, ASmallStepBackHoldsItStill) {
  ClockGuard guard(kStart);
  guard.observe(kStart + seconds(100), seconds(0));
  EXPECT_EQ(guard.observe(kStart + seconds(41), seconds(1)), kStart + seconds(100));
  EXPECT_FALSE(guard.in_doubt());
  EXPECT_EQ(guard.observe(kStart + seconds(101), seconds(61)), kStart + seconds(101));
}

TEST(ClockGuard, LargeJumpsPutItInDoubtUntilItAgreesAgain) {
  for (const auto jump : {seconds(3600), seconds(-3600), seconds(61), seconds(-61)}) {
    ClockGuard guard(kStart);
    guard.observe(kStart, seconds(0));
    EXPECT_EQ(guard.observe(kStart + seconds(10) + jump, seconds(10)), kStart);
    EXPECT_TRUE(guard.in_doubt());
    EXPECT_EQ(guard.observe(kStart + seconds(20), seconds(20)), kStart + seconds(20));
    EXPECT_FALSE(guard.in_doubt());
  }
}

TEST(ClockGuard, AnAcceptedClockIsFollowedButNeverBack) {
  ClockGuard guard(kStart);
  guard.observe(kStart, seconds(0));
  guard.observe(kStart - hours(2), seconds(10));
  ASSERT_TRUE(guard.in_doubt());
  guard.accept(kStart - hours(2), seconds(10));
  EXPECT_FALSE(guard.in_doubt());
  EXPECT_EQ(guard.observe(kStart - hours(1), seconds(10) + hours(1)), kStart);
  EXPECT_FALSE(guard.in_doubt());
  EXPECT_EQ(guard.observe(kStart + hours(1), seconds(10) + hours(3)), kStart + hours(1));
}

TEST(ClockGuard, BehindTheLastDurableRecordIsInDoubt) {
  ClockGuard guard(kStart);
  EXPECT_EQ(guard.observe(kStart - seconds(61), seconds(0)), kStart);
  EXPECT_TRUE(guard.in_doubt());
  EXPECT_EQ(guard.observe(kStart - seconds(60), seconds(1)), kStart);
  EXPECT_FALSE(guard.in_doubt());
}

TEST(ClockGuard, ManySmallStepsInAnHourAreALargeOne) {
  ClockGuard guard(kStart);
  guard.observe(kStart, seconds(0));
  guard.observe(kStart + seconds(41), seconds(1));
  EXPECT_FALSE(guard.in_doubt());
  guard.observe(kStart + seconds(82), seconds(2));
  EXPECT_TRUE(guard.in_doubt());
}

TEST_F(StoreTest, AClockInDoubtRefusesReservesAndLetsSettlesPass) {
  open_with_key();
  ASSERT_TRUE(set_cap(user_scope(), usd(10)));
  Id request;
  reserve(usd(2), &request);
  env.step_utc(hours(24 * 365));
  EXPECT_TRUE(store->clock_in_doubt());
  EXPECT_EQ(reserve(usd(1)).status, StoreStatus::clock_in_doubt);
  EXPECT_EQ(settle(request, usd(1)).status, StoreStatus::done);
  EXPECT_EQ(account(user_scope()).spent, usd(1));  // not a fresh cycle of next year
  store->accept_clock(admin, "The clock was a year behind.");
  EXPECT_FALSE(store->clock_in_doubt());
  EXPECT_EQ(account(user_scope()).spent, Nanos{0});
  EXPECT_EQ(reserve(usd(1)).outcome.decision, ledger::Decision::granted);
  EXPECT_EQ(integer("SELECT COUNT(*) FROM audit WHERE action = 'clock.accept' AND reason = 'The "
                    "clock was a year behind.'"),
            1);
  expect_clean();
}

TEST_F(StoreTest, AClockBehindTheFileIsInDoubtAtTheStart) {
  open_with_key();
  ASSERT_TRUE(set_cap(user_scope(), usd(10)));
  spend(usd(1));
  store.reset();
  env.step_utc(-hours(3));
  open();
  EXPECT_TRUE(store->clock_in_doubt());
  EXPECT_EQ(reserve(usd(1)).status, StoreStatus::clock_in_doubt);
  env.step_utc(hours(3));
  EXPECT_EQ(reserve(usd(1)).outcome.decision, ledger::Decision::granted);
}

}  // namespace
}  // namespace purser::store
