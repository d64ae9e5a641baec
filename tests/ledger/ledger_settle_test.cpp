#include "ledger_test_support.h"

namespace purser::ledger {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

AccountSet held_set(Account held, Nanos hold) {
  AccountSet set;
  set.accounts.push_back(held);
  set.hold = hold;
  return set;
}

TEST(Settle, ReplacesTheHoldWithTheCost) {
  AccountSet set = held_set(account(1, usd(10), usd(1), usd(5)), usd(3));
  const Outcome outcome = apply(set, kNow, Settle{{}, usd(2)});
  EXPECT_EQ(outcome.amount, usd(2));
  EXPECT_EQ(set.accounts[0].spent, usd(3));
  EXPECT_EQ(set.accounts[0].held, usd(2));
}

TEST(Settle, ExpireSettlesInFull) {
  AccountSet set = held_set(account(1, usd(10), usd(1), usd(5)), usd(3));
  EXPECT_EQ(apply(set, kNow, Expire{}).amount, usd(3));
  EXPECT_EQ(set.accounts[0].spent, usd(4));
}

TEST(Settle, AnOverspendIsToldAndMarksTheModel) {
  AccountSet set = held_set(account(1, usd(10), usd(7), usd(3)), usd(3));
  const Outcome outcome = apply(set, kNow, Settle{{}, usd(4)});
  EXPECT_EQ(outcome.overspend, usd(1));
  EXPECT_TRUE(set.model_overspent);
  EXPECT_EQ(outcome.transitions.front().kind, Transition::Kind::overspend);
  EXPECT_FALSE(within_limit(set.accounts[0]));
  apply(set, kNow, ClearOverspend{});
  EXPECT_FALSE(set.model_overspent);
}

TEST(Settle, CrossesEachThresholdOnce) {
  AccountSet set = held_set(account(1, usd(10), Nanos{0}, usd(10)), usd(5));
  EXPECT_THAT(apply(set, kNow, Settle{{}, usd(5)}).transitions, SizeIs(1));  // 50 %
  set.hold = usd(3);
  EXPECT_THAT(apply(set, kNow, Settle{{}, usd(3)}).transitions, SizeIs(1));  // 80 %
  set.hold = usd(1);
  EXPECT_THAT(apply(set, kNow, Settle{{}, usd(1)}).transitions, IsEmpty());
  EXPECT_THAT(apply(set, kNow, Settle{{}, usd(1)}).transitions, SizeIs(1));  // reached
}

TEST(Settle, CrossesTheThresholdsOfItsCap) {
  Account one = account(1, usd(10), Nanos{0}, usd(10));
  one.thresholds = thresholds_of({20, 95});
  AccountSet set = held_set(one, usd(8));
  const Outcome first = apply(set, kNow, Settle{{}, usd(8)});
  ASSERT_THAT(first.transitions, SizeIs(1));
  EXPECT_EQ(first.transitions[0].percent, 20);
  set.hold = usd(2);
  const Outcome second = apply(set, kNow, Settle{{}, usd(2)});
  ASSERT_THAT(second.transitions, SizeIs(2));
  EXPECT_EQ(second.transitions[0].percent, 95);
  EXPECT_EQ(second.transitions[1].percent, kReachedPercent);
}

TEST(SettleDeathTest, AHoldThatIsNotThereAborts) {
  AccountSet set = held_set(account(1, usd(10), usd(1), usd(1)), usd(3));
  EXPECT_DEATH(apply(set, kNow, Settle{{}, usd(1)}), "held");
}

AccountSet capped_set(const Account& one) {
  AccountSet set;
  set.accounts.push_back(one);
  set.caps.push_back(cap_of(one));
  return set;
}

TEST(SetCap, ALoweredLimitCrossesAndARaisedOneArmsAgain) {
  AccountSet set = capped_set(account(1, usd(10), usd(4)));
  EXPECT_THAT(apply(set, kNow, SetCap{id_of(1), usd(5)}).transitions, SizeIs(2));  // 50 and 80 %
  EXPECT_EQ(set.caps[0].limit_version, 2u);
  EXPECT_EQ(set.accounts[0].limit_version, 2u);
  EXPECT_THAT(apply(set, kNow, SetCap{id_of(1), usd(100)}).transitions, IsEmpty());
  EXPECT_TRUE(set.accounts[0].crossed.is_empty());
}

TEST(SetCap, ARaiseThatMakesRoomEndsThePauseOnce) {
  Account spent = account(1, usd(10), usd(10));
  spent.crossed = kDefaultThresholds;
  AccountSet set = capped_set(spent);
  const auto raised = apply(set, kNow, Raise{id_of(1), usd(11), {}});
  ASSERT_THAT(raised.transitions, SizeIs(1));
  EXPECT_EQ(raised.transitions[0].kind, Transition::Kind::pause_ended);
  EXPECT_THAT(apply(set, kNow, Raise{id_of(1), usd(12), {}}).transitions, IsEmpty());
}

TEST(SetCap, ARaiseThatMakesNoRoomLeavesItPaused) {
  Account spent = account(1, usd(10), usd(12));
  spent.crossed = kDefaultThresholds;
  AccountSet set = capped_set(spent);
  EXPECT_THAT(apply(set, kNow, Raise{id_of(1), usd(11), {}}).transitions, IsEmpty());
  EXPECT_TRUE(set.accounts[0].is_reached());
}

TEST(EndCap, EndsThePauseOfAReachedCap) {
  Account spent = account(1, usd(10), usd(10));
  spent.crossed = kDefaultThresholds;
  AccountSet set = capped_set(spent);
  const auto ended = apply(set, kNow, EndCap{id_of(1)});
  ASSERT_THAT(ended.transitions, SizeIs(1));
  EXPECT_EQ(ended.transitions[0].kind, Transition::Kind::pause_ended);
}

TEST(Thresholds, AreStepsOfFivePercentInOneNumber) {
  EXPECT_EQ(kDefaultThresholds.bits(), 557568u);  // as the database has it by default
  EXPECT_THAT(thresholds_of({95, 5}).percents(), ElementsAre(5, 95, 100));
  EXPECT_TRUE(PercentSet::is_step(5) && PercentSet::is_step(100));
  EXPECT_FALSE(PercentSet::is_step(0) || PercentSet::is_step(82) || PercentSet::is_step(105));
  EXPECT_EQ(PercentSet::from_bits(0xFFFFFFFF).bits(), 0xFFFFFu);
}

TEST(SetCap, RefusesWhatIsNoLimit) {
  AccountSet set = capped_set(account(1, usd(10)));
  EXPECT_EQ(apply(set, kNow, SetCap{id_of(1), -usd(1)}).decision, Decision::not_possible);
  EXPECT_EQ(apply(set, kNow, SetCap{id_of(1), kMaxAmount + Nanos{1}}).decision,
            Decision::not_possible);
  EXPECT_EQ(set.accounts[0].limit, usd(10));
}

TEST(Raise, UntilAnInstantAndBack) {
  AccountSet set = capped_set(account(1, usd(10)));
  const Instant until = kNow + std::chrono::hours(1);
  EXPECT_EQ(apply(set, kNow, Raise{id_of(1), usd(20), until}).decision, Decision::granted);
  EXPECT_EQ(set.accounts[0].limit, usd(20));
  EXPECT_EQ(set.caps[0].limit, usd(10));
  EXPECT_EQ(set.caps[0].limit_at(until - Duration{1}), usd(20));
  EXPECT_EQ(set.caps[0].limit_at(until), usd(10));
  EXPECT_EQ(apply(set, until, EndRaise{id_of(1)}).decision, Decision::granted);
  EXPECT_EQ(set.accounts[0].limit, usd(10));
  EXPECT_EQ(apply(set, until, EndRaise{id_of(1)}).decision, Decision::not_possible);
}

TEST(Raise, MustLift) {
  AccountSet set = capped_set(account(1, usd(10)));
  EXPECT_EQ(apply(set, kNow, Raise{id_of(1), usd(10), {}}).decision, Decision::not_possible);
  EXPECT_EQ(apply(set, kNow, Raise{id_of(1), usd(11), kNow}).decision, Decision::not_possible);
}

TEST(Raise, OneInForceIsProlongedAndMadeLasting) {
  AccountSet set = capped_set(account(1, usd(10), usd(10)));
  const Instant until = kNow + std::chrono::hours(1), later = until + Duration{1};
  ASSERT_EQ(apply(set, kNow, Raise{id_of(1), usd(20), until}).decision, Decision::granted);
  EXPECT_EQ(apply(set, kNow, Raise{id_of(1), usd(20), until}).decision, Decision::not_possible);
  const auto prolonged = apply(set, kNow, Raise{id_of(1), usd(20), later});
  EXPECT_EQ(prolonged.decision, Decision::granted);
  EXPECT_THAT(prolonged.transitions, IsEmpty());  // what was told is not told again
  EXPECT_EQ(set.caps[0].limit_at(until), usd(20));
  EXPECT_EQ(apply(set, kNow, Raise{id_of(1), usd(20), {}}).decision, Decision::granted);
  EXPECT_EQ(set.caps[0].limit, usd(20));
  EXPECT_EQ(set.caps[0].temporary, std::nullopt);
}

TEST(Raise, ALimitLoweredForATimeIsNotProlonged) {
  AccountSet set = capped_set(account(1, usd(10)));
  set.accounts.push_back(account(2, usd(1)));
  set.caps.push_back(cap_of(set.accounts[1]));
  const Instant until = kNow + std::chrono::hours(1);
  ASSERT_EQ(apply(set, kNow, Reallocate{id_of(1), id_of(2), usd(5), until}).decision,
            Decision::granted);
  EXPECT_EQ(apply(set, kNow, Raise{id_of(1), usd(5), {}}).decision, Decision::not_possible);
}

TEST(Reallocate, MovesNoMoreThanTheGiverHasLeft) {
  const auto two = [] {
    AccountSet set = capped_set(account(1, usd(10), usd(3), usd(2)));
    set.accounts.push_back(account(2, usd(1)));
    set.caps.push_back(cap_of(set.accounts[1]));
    return set;
  };
  AccountSet set = two();
  EXPECT_EQ(apply(set, kNow, Reallocate{id_of(1), id_of(2), usd(6), {}}).decision,
            Decision::not_possible);
  EXPECT_EQ(apply(set, kNow, Reallocate{id_of(1), id_of(2), usd(5), {}}).decision,
            Decision::granted);
  EXPECT_EQ(set.accounts[0].limit, usd(5));
  EXPECT_EQ(set.accounts[1].limit, usd(6));
  AccountSet other_cycle = two();
  other_cycle.accounts[1].cycle_end += std::chrono::hours(1);
  EXPECT_EQ(apply(other_cycle, kNow, Reallocate{id_of(1), id_of(2), usd(1), {}}).decision,
            Decision::not_possible);
}

TEST(EndCap, EndsOnce) {
  AccountSet set = capped_set(account(1, usd(10)));
  EXPECT_EQ(apply(set, kNow, EndCap{id_of(1)}).decision, Decision::granted);
  EXPECT_TRUE(set.accounts[0].ended && set.caps[0].ended);
  EXPECT_EQ(apply(set, kNow, EndCap{id_of(1)}).decision, Decision::not_possible);
}

}  // namespace
}  // namespace purser::ledger
