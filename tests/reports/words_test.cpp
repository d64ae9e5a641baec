#include "purser/reports/words.h"

#include <gtest/gtest.h>

#include "exposure_test_support.h"
#include "forecast_histories.h"
#include "purser/reports/raise_case.h"

namespace purser::reports {
namespace {

ledger::Account account_of(Nanos limit, Nanos spent, Period period = Period::month) {
  ledger::Account account;
  account.period = period;
  account.cycle_start = utc(2026, 11, 1);
  account.cycle_end = utc(2026, 12, 1);
  account.limit = limit;
  account.spent = spent;
  return account;
}

TEST(PaceText, SaysSpentAndGone) {
  const Instant now = utc(2026, 11, 13);
  EXPECT_EQ(pace_text(*pace_of(account_of(usd(100), usd(68)), now)),
            "68 % of the limit is spent and 40 % of the month is gone: ahead of pace");
  EXPECT_EQ(pace_text(*pace_of(account_of(usd(100), usd(41)), now)),
            "41 % of the limit is spent and 40 % of the month is gone: on pace");
  EXPECT_EQ(pace_text(*pace_of(account_of(usd(100), usd(30)), now)),
            "30 % of the limit is spent and 40 % of the month is gone: behind pace");
}

// "100 %" is said of what is reached, and of nothing else.
TEST(PaceText, RoundsDown) {
  const Instant now = utc(2026, 11, 30, 23);
  const Pace almost = *pace_of(account_of(usd(100), usd(100) - Nanos{1000}), now);
  EXPECT_EQ(pace_text(almost).substr(0, 5), "99 % ");
  EXPECT_EQ(pace_text(*pace_of(account_of(usd(3), usd(3)), now)).substr(0, 6), "100 % ");
  EXPECT_EQ(pace_text(*pace_of(account_of(Nanos{5}, Nanos{4}), now)).substr(0, 5), "80 % ");
}

TEST(Pace, IsOnPaceWithinATenth) {
  const Instant half = utc(2026, 11, 16);
  const auto state = [&](std::int64_t spent) {
    return pace_of(account_of(usd(1000), usd(spent)), half)->state;
  };
  EXPECT_EQ(state(449), PaceState::behind);
  EXPECT_EQ(state(451), PaceState::on_pace);
  EXPECT_EQ(state(549), PaceState::on_pace);
  EXPECT_EQ(state(551), PaceState::ahead);
}

TEST(Pace, OfATasksCapIsNone) {
  EXPECT_EQ(pace_of(account_of(usd(1), usd(1), Period::none), utc(2026, 11, 2)), std::nullopt);
}

TEST(Pace, OfALimitOfZeroIsAhead) {
  EXPECT_EQ(pace_of(account_of(Nanos{}, Nanos{}), utc(2026, 11, 2))->state, PaceState::ahead);
}

TEST(RunOutText, NamesTheDay) {
  const Calendar calendar = calendar_in("Europe/Berlin");
  const Instant now = utc(2026, 11, 13, 9);
  EXPECT_EQ(run_out_text(utc(2026, 11, 19, 12), now, Period::month, calendar),
            "at the current velocity it runs out on Thu 19 November");
  EXPECT_EQ(run_out_text(utc(2026, 11, 18, 23), now, Period::month, calendar),
            "at the current velocity it runs out on Thu 19 November");  // in Berlin
  EXPECT_EQ(run_out_text(utc(2026, 11, 13, 14), now, Period::month, calendar),
            "at the current velocity it runs out today at about 15:00 (Europe/Berlin)");
  EXPECT_EQ(run_out_text(utc(2027, 1, 2), now, Period::year, calendar),
            "at the current velocity it runs out on Sat 2 January 2027");
  EXPECT_EQ(run_out_text(std::nullopt, now, Period::week, calendar),
            "at the current velocity it does not run out before the week ends");
  EXPECT_EQ(run_out_text(now, now, Period::month, calendar), "it has run out");
}

TEST(ForecastText, GivesTheRange) {
  EXPECT_EQ(forecast_text({usd(512), usd(480), usd(560), usd(600)}, Period::month),
            "about USD 512.00 are expected by the end of the month, probably between USD 480.00 "
            "and USD 560.00");
}

TEST(Choices, AreAmountsThatPeopleChoose) {
  const std::pair<const char*, const char*> cases[] = {
      {"163.2", "170"},  {"200", "200"},   {"200.01", "250"},       {"520", "600"},
      {"1000", "1000"},  {"1001", "1100"}, {"0.000000001", "0.01"}, {"0.011", "0.02"},
      {"0.123", "0.13"}, {"7.2", "8"},     {"4999", "5000"}};
  for (const auto& [amount, choice] : cases)
    EXPECT_EQ(format_usd(round_up_to_choice(*parse_usd(amount))), choice) << amount;
  EXPECT_EQ(round_up_to_choice(kMaxAmount), kMaxAmount);
}

std::vector<std::string> limits_of(const std::vector<RaiseSuggestion>& suggestions) {
  std::vector<std::string> limits;
  for (const auto& one : suggestions) limits.push_back(format_usd(one.limit));
  return limits;
}

TEST(Suggestions, FollowTheForecast) {
  const auto found = suggest_raises(account_of(usd(100), usd(80)),
                                    Forecast{usd(163), usd(140), usd(190), usd(200)});
  EXPECT_EQ(limits_of(found), (std::vector<std::string>{"170", "190", "250"}));
  EXPECT_EQ(found[0].why, "covers what is expected by the end of the month");
  EXPECT_EQ(found[1].why, "covers nine cases in ten by the end of the month");
}

TEST(Suggestions, AreModestWhereTheForecastAsksForNoMore) {
  EXPECT_EQ(limits_of(suggest_raises(account_of(usd(100), usd(20)),
                                     Forecast{usd(60), usd(50), usd(80), usd(70)})),
            (std::vector<std::string>{"110", "130", "150"}));
  EXPECT_EQ(limits_of(suggest_raises(account_of(usd(2), usd(1), Period::none), std::nullopt)),
            (std::vector<std::string>{"2.5", "3", "3.5"}));
}

TEST(Suggestions, RiseAndLetRequestsPassAgain) {
  Dice dice(1);
  for (int trial = 0; trial < 5000; ++trial) {
    const auto some = [&](double most) {
      return Nanos{static_cast<std::int64_t>(std::exp(dice.even(0, std::log(most))))};
    };
    ledger::Account account = account_of(some(1e17), some(1e17));
    account.held = some(1e16);
    Forecast forecast;
    forecast.total = account.spent + some(1e17);
    forecast.high = forecast.total + some(1e17);
    const bool with_forecast = trial % 3 > 0;
    const auto found =
        suggest_raises(account, with_forecast ? std::optional(forecast) : std::nullopt);
    ASSERT_EQ(found.size(), 3u);
    Nanos before = account.limit;
    for (const auto& one : found) {
      EXPECT_GT(one.limit, before);
      before = one.limit;
      ledger::Account raised = account;
      raised.limit = one.limit;
      EXPECT_FALSE(raised.paused());
      EXPECT_GE(raised.remaining().count(), one.limit.count() / 10 - 1);
    }
  }
}

TEST(Suggestions, EndAtTheLargestAmount) {
  for (const auto& one : suggest_raises(account_of(kMaxAmount - Nanos{1}, usd(5)), std::nullopt))
    EXPECT_EQ(one.limit, kMaxAmount);
  EXPECT_TRUE(suggest_raises(account_of(kMaxAmount, usd(5)), std::nullopt).empty());
}

}  // namespace
}  // namespace purser::reports
