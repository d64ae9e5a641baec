// Organisations small enough to work out by hand.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "exposure_test_support.h"

namespace purser::reports {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

std::vector<std::string> words_of(const Exposure& exposure) {
  std::vector<std::string> words;
  for (const ExposureBinding& binding : exposure.binding) words.push_back(binding.words);
  return words;
}

const Cycle kDecember{utc(2026, 12, 1), utc(2027, 1, 1)};

// The demo workspace: three people, each with a cap, in two teams.
ExposureInput demo() {
  ExposureInput input;
  input.workspace = {"Example Ltd", {}};
  input.teams = {{"engineering", {cap_of(Period::month, usd(5000))}},
                 {"marketing", {cap_of(Period::month, usd(3000))}}};
  input.users = {{"sam@example.com", {cap_of(Period::month, usd(150))}},
                 {"mia@example.com", {cap_of(Period::month, usd(75))}},
                 {"ida@example.com", {cap_of(Period::month, usd(25))}}};
  input.memberships = {member(0, 0), member(1, 1), member(2, 0)};
  return input;
}

TEST(Exposure, PeopleBindWhereTheirCapsAreSmall) {
  const Exposure exposure = exposure_of(demo());
  EXPECT_EQ(exposure.figure, usd(250));
  EXPECT_TRUE(exposure.exact);
  EXPECT_THAT(words_of(exposure), ElementsAre("user sam@example.com: month cap of USD 150.00",
                                              "user mia@example.com: month cap of USD 75.00",
                                              "user ida@example.com: month cap of USD 25.00"));
  EXPECT_THAT(exposure.unbounded, IsEmpty());
  EXPECT_EQ(exposure.summary,
            "In 2026-12 the hard caps allow at most USD 250.00. What binds: user sam@example.com: "
            "month cap of USD 150.00; user mia@example.com: month cap of USD 75.00; user "
            "ida@example.com: month cap of USD 25.00.");
}

TEST(Exposure, ATeamBindsWhereItsPeopleCouldSpendMore) {
  ExposureInput input = demo();
  input.teams[0].hard_caps = {cap_of(Period::month, usd(100))};
  const Exposure exposure = exposure_of(input);
  EXPECT_EQ(exposure.figure, usd(175));
  EXPECT_THAT(words_of(exposure), ElementsAre("team engineering: month cap of USD 100.00",
                                              "user mia@example.com: month cap of USD 75.00"));
}

TEST(Exposure, TheWorkspaceBindsWhereAllElseIsWider) {
  ExposureInput input = demo();
  input.workspace.hard_caps = {cap_of(Period::month, usd(200))};
  const Exposure exposure = exposure_of(input);
  EXPECT_EQ(exposure.figure, usd(200));
  EXPECT_THAT(words_of(exposure), ElementsAre("workspace Example Ltd: month cap of USD 200.00"));
}

TEST(Exposure, AUserInTwoTeamsSpendsOneCapWhereThereIsRoom) {
  ExposureInput input;
  input.teams = {{"red", {cap_of(Period::month, usd(10))}},
                 {"blue", {cap_of(Period::month, usd(10))}}};
  input.users = {{"ada@example.com", {cap_of(Period::month, usd(15))}},
                 {"bob@example.com", {cap_of(Period::month, usd(9))}}};
  input.memberships = {member(0, 0), member(0, 1), member(1, 0)};
  EXPECT_EQ(exposure_of(input).figure, usd(20));
  // A cap on the membership closes that way for all but 2 of it.
  input.memberships[1].hard_caps = {cap_of(Period::month, usd(2))};
  EXPECT_EQ(exposure_of(input).figure, usd(12));
}

TEST(Exposure, WhatWasSpentInOneTeamStaysThere) {
  ExposureInput input;
  input.teams = {{"red", {cap_in_use(Period::month, usd(10), kDecember, usd(10), usd(0))}},
                 {"blue", {cap_of(Period::month, usd(10))}}};
  input.users = {
      {"ada@example.com", {cap_in_use(Period::month, usd(10), kDecember, usd(10), usd(0))}},
      {"bob@example.com", {cap_of(Period::month, usd(10))}}};
  input.memberships = {member(0, 0), member(0, 1), member(1, 0)};
  input.memberships[0].spent = usd(10);
  const Exposure exposure = exposure_of(input);
  EXPECT_EQ(exposure.figure, usd(10));  // 20 in a month in which nobody had spent yet
  EXPECT_TRUE(exposure.exact);
  // Held alone may still be released, and spent in blue, with red left to bob.
  input.teams[0].hard_caps = {cap_in_use(Period::month, usd(10), kDecember, usd(0), usd(10))};
  input.users[0].hard_caps = {cap_in_use(Period::month, usd(10), kDecember, usd(0), usd(10))};
  input.memberships[0].spent = usd(0);
  input.memberships[0].held = usd(10);
  EXPECT_EQ(exposure_of(input).figure, usd(20));
}

TEST(Exposure, ALimitLoweredBelowWhatIsSpentCountsWhatIsSpent) {
  ExposureInput input = demo();
  input.users[0].hard_caps = {cap_in_use(Period::month, usd(50), kDecember, usd(90), usd(0))};
  input.memberships[0].spent = usd(90);
  const Exposure exposure = exposure_of(input);
  EXPECT_EQ(exposure.figure, usd(190));
  EXPECT_EQ(exposure.spent, usd(90));
  EXPECT_TRUE(exposure.exact);
  EXPECT_THAT(words_of(exposure),
              testing::Contains("user sam@example.com: month cap of USD 50.00, which comes to USD "
                                "90.00 in the month"));
}

TEST(Exposure, AnOpenHoldOverALoweredLimitMakesItAnUpperBound) {
  ExposureInput input = demo();
  input.users[0].hard_caps = {cap_in_use(Period::month, usd(50), kDecember, usd(40), usd(30))};
  input.memberships[0].spent = usd(40);
  input.memberships[0].held = usd(30);
  const Exposure exposure = exposure_of(input);
  EXPECT_EQ(exposure.figure, usd(170));
  EXPECT_FALSE(exposure.exact);
}

TEST(Exposure, WhatIsSpentAndHeldCountsWhateverTheRowsSay) {
  ExposureInput input = demo();
  input.users[0].hard_caps = {cap_of(Period::month, usd(20))};
  input.memberships[0].spent = usd(1);
  input.memberships[0].held = usd(30);
  EXPECT_EQ(exposure_of(input).figure, usd(131));
}

TEST(Exposure, WhatFormerMembersSpentIsInTheFigure) {
  ExposureInput input = demo();
  input.memberships[2].ended = true;
  input.memberships[2].spent = usd(7);
  input.memberships[2].held = usd(3);
  input.users[2].hard_caps = {cap_in_use(Period::month, usd(25), kDecember, usd(7), usd(3))};
  EXPECT_EQ(exposure_of(input).figure, usd(150 + 75 + 10));
}

TEST(Exposure, ARaisedCycleCountsItsOwnLimitAndTheNextOneTheCaps) {
  ExposureInput input = demo();
  input.users[0].hard_caps = {cap_in_use(Period::month, usd(150), kDecember, usd(0), usd(0))};
  input.users[0].hard_caps[0].cycles[0].limit = usd(400);
  EXPECT_EQ(exposure_of(input, "2026-12").figure, usd(500));
  EXPECT_EQ(exposure_of(input, "2027-01").figure, usd(250));
}

TEST(Exposure, CapsOfOtherPeriods) {
  const auto figure = [](std::vector<ExposureCap> caps, const std::string& month) {
    ExposureInput input = demo();
    input.users[0].hard_caps = std::move(caps);
    input.memberships = {member(0, 0)};
    const Exposure exposure = exposure_of(input, month);
    EXPECT_FALSE(exposure.exact);
    return exposure.figure;
  };
  EXPECT_EQ(figure({cap_of(Period::day, usd(5))}, "2026-12"), usd(155));
  EXPECT_EQ(figure({cap_of(Period::day, usd(5))}, "2027-02"), usd(140));
  EXPECT_EQ(figure({cap_of(Period::quarter, usd(90))}, "2026-12"), usd(90));
  EXPECT_EQ(figure({cap_of(Period::year, usd(90))}, "2026-12"), usd(90));
  // December 2026 begins on a Tuesday and touches five weeks (from 30 November).
  EXPECT_EQ(figure({cap_of(Period::week, usd(20))}, "2026-12"), usd(100));
  // Its first week has six days inside, its last four: 4 × 4 is less than the week's 20.
  EXPECT_EQ(figure({cap_of(Period::week, usd(20)), cap_of(Period::day, usd(4))}, "2026-12"),
            usd(4 * 20 + 16));
  EXPECT_EQ(figure({cap_of(Period::month, usd(50)), cap_of(Period::day, usd(4))}, "2026-12"),
            usd(50));
  EXPECT_EQ(figure({cap_of(Period::month, usd(200)), cap_of(Period::day, usd(4))}, "2026-12"),
            usd(124));
  EXPECT_EQ(figure({cap_of(Period::year, usd(70)), cap_of(Period::month, usd(80)),
                    cap_of(Period::week, usd(20)), cap_of(Period::day, usd(4))},
                   "2026-12"),
            usd(70));
}

TEST(Exposure, DaysAreCountedInTheZoneOfTheWorkspace) {
  ExposureInput input = demo();
  input.users[0].hard_caps = {cap_of(Period::day, usd(1))};
  input.memberships = {member(0, 0)};
  EXPECT_EQ(exposure_of(input, "2011-12", "Pacific/Apia").figure,
            usd(30));  // 30 December is missing
  EXPECT_EQ(exposure_of(input, "2011-12", "Pacific/Pago_Pago").figure, usd(31));
}

TEST(Exposure, ADayCapThatCameLaterDoesNotCoverWhatWasSpentBefore) {
  ExposureInput input = demo();
  ExposureCap day = cap_of(Period::day, usd(1));
  day.made_at = utc(2026, 12, 11, 9);
  input.users[0].hard_caps = {day, cap_in_use(Period::month, usd(150), kDecember, usd(80), usd(0))};
  input.memberships = {member(0, 0)};
  input.memberships[0].spent = usd(80);
  const Exposure exposure = exposure_of(input);
  EXPECT_EQ(exposure.figure, usd(80 + 21));
  EXPECT_THAT(words_of(exposure), ElementsAre("user sam@example.com: day cap of USD 1.00, which "
                                              "comes to USD 101.00 in the month"));
}

TEST(Exposure, StoredBoundsWinOverTheCalendar) {
  // The month's cycle was cut short by a changed cycle day; the rest is another cycle.
  ExposureInput input = demo();
  input.users[0].hard_caps = {
      cap_in_use(Period::month, usd(150), {utc(2026, 11, 15), utc(2026, 12, 15)}, usd(0), usd(0))};
  input.memberships = {member(0, 0)};
  const Exposure exposure = exposure_of(input);
  EXPECT_EQ(exposure.figure, usd(300));
  EXPECT_FALSE(exposure.exact);
}

TEST(Exposure, UnboundedPathsAreNamedWithTheCommandThatBoundsThem) {
  ExposureInput input = demo();
  input.teams.push_back({"research", {}});
  input.users.push_back({"ada@example.com", {}});
  input.users.push_back({"night bot's", {}});
  input.memberships.push_back(member(3, 2));
  input.memberships.push_back(member(4, 2));
  input.memberships.push_back(member(3, 0));  // engineering's cap bounds this one
  const Exposure exposure = exposure_of(input);
  EXPECT_EQ(exposure.figure, usd(5000 + 75));
  ASSERT_EQ(exposure.unbounded.size(), 2u);
  EXPECT_EQ(exposure.unbounded[0].user, "ada@example.com");
  EXPECT_EQ(exposure.unbounded[0].team, "research");
  EXPECT_EQ(exposure.unbounded[0].command, "purser cap set --user ada@example.com --month 100");
  EXPECT_EQ(exposure.unbounded[1].command, "purser cap set --user 'night bot'\\''s' --month 100");
  EXPECT_THAT(exposure.summary, HasSubstr("That leaves out 2 paths that no cap bounds."));

  input.workspace.hard_caps = {cap_of(Period::year, usd(90000))};
  EXPECT_THAT(exposure_of(input).unbounded, IsEmpty());
  EXPECT_EQ(exposure_of(input).figure, usd(90000));
  EXPECT_FALSE(exposure_of(input).exact);
}

TEST(Exposure, ACapThatNobodySpendsUnderDoesNotMatter) {
  ExposureInput input = demo();
  input.teams.push_back({"empty", {cap_of(Period::day, usd(0))}});
  input.users.push_back({"zoe@example.com", {cap_of(Period::week, usd(9))}});
  const Exposure exposure = exposure_of(input);
  EXPECT_EQ(exposure.figure, usd(250));
  EXPECT_TRUE(exposure.exact);
  EXPECT_EQ(exposure.binding.size(), 3u);
}

TEST(Exposure, ALimitOfZeroAndAnEmptyWorkspace) {
  ExposureInput input = demo();
  input.workspace.hard_caps = {cap_of(Period::month, usd(0))};
  EXPECT_EQ(exposure_of(input).figure, usd(0));
  EXPECT_EQ(words_of(exposure_of(input)).size(), 1u);
  const Exposure nothing = exposure_of(ExposureInput{});
  EXPECT_EQ(nothing.figure, usd(0));
  EXPECT_TRUE(nothing.exact);
  EXPECT_THAT(nothing.binding, IsEmpty());
  EXPECT_THAT(nothing.unbounded, IsEmpty());
}

TEST(Exposure, SumsThatNoAmountCanHoldStopAtTheCeiling) {
  ExposureInput input;
  input.teams = {{"all", {}}};
  for (std::size_t user = 0; user < 40; ++user) {
    input.users.push_back({"user", {cap_of(Period::day, kMaxAmount)}});
    input.memberships.push_back(member(user, 0));
  }
  const Exposure exposure = exposure_of(input);
  EXPECT_EQ(exposure.figure, kExposureCeiling);
  EXPECT_TRUE(exposure.beyond_ceiling);
  EXPECT_FALSE(exposure.exact);
  EXPECT_THAT(exposure.summary, HasSubstr("or more"));
}

TEST(Exposure, AWrongMonthIsRefused) {
  const Result<Exposure> exposure = compute_exposure(demo(), calendar_in("UTC"), "december");
  ASSERT_FALSE(exposure.ok());
  EXPECT_EQ(exposure.error().code, "bad_month");
}

TEST(Exposure, AThousandPeopleInSeveralTeams) {
  ExposureInput input;
  constexpr std::size_t kTeams = 50, kUsers = 1000;
  for (std::size_t team = 0; team < kTeams; ++team) {
    input.teams.push_back({"team", {cap_of(Period::month, usd(1500))}});
  }
  for (std::size_t user = 0; user < kUsers; ++user) {
    input.users.push_back({"user", {cap_of(Period::month, usd(100)), cap_of(Period::day, usd(5))}});
    for (std::size_t team = 0; team < 3; ++team) {
      input.memberships.push_back(member(user, (user * 7 + team * 13) % kTeams));
    }
  }
  EXPECT_EQ(exposure_of(input).figure, usd(50 * 1500));
}

}  // namespace
}  // namespace purser::reports
