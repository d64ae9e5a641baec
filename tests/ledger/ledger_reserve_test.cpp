#include "ledger_test_support.h"

namespace purser::ledger {
namespace {

using ::testing::IsEmpty;
using ::testing::SizeIs;

TEST(Reserve, HoldsTheBoundInEveryAccount) {
  AccountSet set = set_of({account(1, usd(100)), account(2, usd(50))});
  const Outcome outcome = apply(set, kNow, reserve_of({usd(3)}, usd(3)));
  EXPECT_EQ(outcome.decision, Decision::granted);
  EXPECT_EQ(outcome.amount, usd(3));
  EXPECT_EQ(set.accounts[0].held, usd(3));
  EXPECT_EQ(set.accounts[1].held, usd(3));
}

TEST(Reserve, FillsACapToTheNanoAndNotBeyond) {
  AccountSet set = set_of({account(1, usd(10), usd(4), usd(2))});
  EXPECT_EQ(apply(set, kNow, reserve_of({usd(4)}, usd(4))).decision, Decision::granted);
  EXPECT_EQ(set.accounts[0].remaining(), Nanos{0});
  AccountSet again = set_of({account(1, usd(10), usd(4), usd(2))});
  const Nanos one_more = usd(4) + Nanos{1};
  EXPECT_EQ(apply(again, kNow, reserve_of({one_more}, one_more)).decision,
            Decision::holds_in_the_way);
  EXPECT_EQ(again.accounts[0].held, usd(2));
}

TEST(Reserve, TakesTheFirstFormThatFits) {
  AccountSet set = set_of({account(1, usd(10))});
  Reserve command = reserve_of({usd(20), usd(12), usd(6), usd(5)}, usd(1));
  command.share_divisor = 1;
  const Outcome outcome = apply(set, kNow, command);
  EXPECT_EQ(outcome.amount, usd(6));
  EXPECT_EQ(outcome.form, 2);
}

TEST(Reserve, LowersTheOutputBelowTheLastForm) {
  AccountSet set = set_of({account(1, usd(10))});
  Reserve command = reserve_of({usd(20), usd(12)}, usd(1));
  command.share_divisor = 1;
  const Outcome outcome = apply(set, kNow, command);
  EXPECT_EQ(outcome.amount, usd(10));
  EXPECT_EQ(outcome.form, 2);
}

TEST(Reserve, NoHoldTakesMoreThanItsShareUnlessItsSmallestFormNeedsIt) {
  AccountSet set = set_of({account(1, usd(80))});
  EXPECT_EQ(apply(set, kNow, reserve_of({usd(40)}, usd(2))).amount, usd(10));
  set = set_of({account(1, usd(80))});
  EXPECT_EQ(apply(set, kNow, reserve_of({usd(40)}, usd(30))).amount, usd(30));
}

TEST(Reserve, AllOrNothingWhereTheSmallestFormIsTheFirst) {
  AccountSet set = set_of({account(1, usd(80))});
  EXPECT_EQ(apply(set, kNow, reserve_of({usd(40)}, usd(40))).amount, usd(40));
}

TEST(Reserve, NamesTheBindingCapAndTheOthersThatRefuse) {
  AccountSet set =
      set_of({account(1, usd(100)), account(2, usd(10), usd(9)),
              account(3, usd(10), usd(8), usd(1)), account(4, usd(10), usd(9), cents(50))});
  const Outcome outcome = apply(set, kNow, reserve_of({usd(2)}, usd(2)));
  EXPECT_EQ(outcome.decision, Decision::does_not_fit);
  EXPECT_EQ(outcome.refusing, 0b1110u);
  EXPECT_EQ(outcome.binding, 3);
  EXPECT_EQ(outcome.amount, usd(2));
}

TEST(Reserve, OthersHoldsInTheWayAreNotAPause) {
  AccountSet set = set_of({account(1, usd(10), Nanos{0}, usd(10))});
  const Outcome outcome = apply(set, kNow, reserve_of({cents(1)}, cents(1)));
  EXPECT_EQ(outcome.decision, Decision::holds_in_the_way);
  EXPECT_THAT(outcome.transitions, IsEmpty());
}

TEST(Reserve, WhatFitsOnceOthersHaveSettledIsToldFromWhatNeverWill) {
  AccountSet set = set_of({account(1, usd(10), usd(4), usd(2))});
  EXPECT_EQ(apply(set, kNow, reserve_of({usd(6)}, usd(6))).decision, Decision::holds_in_the_way);
  const Nanos one_more = usd(6) + Nanos{1};
  EXPECT_EQ(apply(set, kNow, reserve_of({one_more}, one_more)).decision, Decision::does_not_fit);
}

TEST(Reserve, PausedWithinTheMargin) {
  // 0.5 % of 8 is 4 cents; 5 cents is the most.
  for (const auto& [limit, margin] :
       {std::pair{usd(8), cents(4)}, std::pair{usd(1000), cents(5)}}) {
    AccountSet at = set_of({account(1, limit, limit - margin)});
    EXPECT_EQ(apply(at, kNow, reserve_of({Nanos{1}}, Nanos{1})).decision, Decision::paused);
    AccountSet below = set_of({account(1, limit, limit - margin - Nanos{1})});
    EXPECT_EQ(apply(below, kNow, reserve_of({Nanos{1}}, Nanos{1})).decision, Decision::granted);
  }
}

TEST(Reserve, ASmallRefusalReachesTheCapOnceALargeOneDoesNot) {
  AccountSet set = set_of({account(1, usd(100), usd(97))});
  const Outcome large = apply(set, kNow, reserve_of({usd(6)}, usd(6)));
  EXPECT_THAT(large.transitions, IsEmpty());
  const Outcome small = apply(set, kNow, reserve_of({usd(5)}, usd(5)));
  ASSERT_THAT(small.transitions, SizeIs(1));
  EXPECT_EQ(small.transitions[0].percent, kReachedPercent);
  EXPECT_THAT(apply(set, kNow, reserve_of({usd(5)}, usd(5))).transitions, IsEmpty());
}

TEST(Reserve, WatchCapsRefuseNothingAndSayWhatTheyWouldHave) {
  AccountSet set = set_of({account(1, usd(100)), account(2, usd(1), {}, {}, Enforcement::watch)});
  const Outcome outcome = apply(set, kNow, reserve_of({usd(2)}, usd(2)));
  EXPECT_EQ(outcome.decision, Decision::granted);
  EXPECT_EQ(outcome.would_refuse, 0b10u);
  EXPECT_EQ(set.accounts[1].held, usd(2));
}

TEST(Reserve, WithoutAHardCapOfAMonthOrShorterItIsRefused) {
  for (const bool watch : {true, false}) {
    Account only = account(1, usd(100));
    if (watch)
      only.enforcement = Enforcement::watch;
    else
      only.period = Period::quarter;
    AccountSet set = set_of({only});
    EXPECT_EQ(apply(set, kNow, reserve_of({usd(1)}, usd(1))).decision, Decision::no_cap);
    Reserve allowed = reserve_of({usd(1)}, usd(1));
    allowed.allow_uncapped = true;
    EXPECT_EQ(apply(set, kNow, allowed).decision, Decision::granted);
  }
}

TEST(Reserve, AStopComesFirstAndHoldsForFreeModelsToo) {
  AccountSet set = set_of({account(1, usd(100)), account(2, usd(100), usd(100))});
  set.scopes[0].stopped = true;
  Reserve free = reserve_of({Nanos{0}}, Nanos{0});
  free.free = true;
  EXPECT_EQ(apply(set, kNow, free).decision, Decision::stopped);
  set.scopes[0].stopped = false;
  EXPECT_EQ(apply(set, kNow, free).decision, Decision::granted);
}

TEST(ReserveDeathTest, ACapThatWasNotLoadedAborts) {
  AccountSet set = set_of({account(1, usd(100))});
  set.scopes[0].open_caps = 2;
  EXPECT_DEATH(apply(set, kNow, reserve_of({usd(1)}, usd(1))), "open_caps");
}

}  // namespace
}  // namespace purser::ledger
