// What a forecast is made from, read from what was spent through the real store.
#include "purser/reports/pace.h"

#include "store_test_support.h"

namespace purser::reports {
namespace {

class PaceTest : public store::StoreTest {
 protected:
  // Monday, 23 November 2026, 15:00 UTC.
  void SetUp() override {
    open_with_key();
    ASSERT_TRUE(set_cap(team_scope(), store::usd(1000)));
  }
  std::optional<ForecastInput> read(const ledger::Scope& scope) {
    const ledger::Account of = account(scope);
    std::optional<ForecastInput> found;
    store->read([&](store::Sql& sql) {
      found = read_forecast_input(sql, store->workspace(), *store->calendar(), of, env.utc_now());
    });
    return found;
  }
};

TEST_F(PaceTest, ReadsDaysWithTheirWeekdays) {
  for (int day = 0; day < 6; ++day) {
    spend(store::usd(day + 1));
    if (day == 3) spend(store::cents(50));
    env.advance(std::chrono::hours(24));
  }
  // Sunday the 29th, 15:00; nothing yet.
  auto input = read(team_scope());
  ASSERT_TRUE(input.has_value());
  ASSERT_EQ(input->history.size(), 5u);  // the first, begun at 15:00, is no whole day
  EXPECT_EQ(input->history.front().weekday, 2);
  EXPECT_EQ(input->history.front().cost, store::usd(2));
  EXPECT_EQ(input->history.front().days_to_month_end, 6);
  EXPECT_EQ(input->history[2].cost, store::cents(450));
  EXPECT_EQ(input->history.back().cost, store::usd(6));
  EXPECT_EQ(input->today.weekday, 7);
  EXPECT_EQ(input->today.cost, Nanos{});
  ASSERT_EQ(input->days_left.size(), 1u);
  EXPECT_EQ(input->days_left[0].weekday, 1);
  EXPECT_EQ(input->days_left[0].days_to_month_end, 0);
  EXPECT_EQ(input->spent, store::cents(2150));
  EXPECT_NEAR(input->cycle_part_gone, 28.625 / 30, 1e-9);
  EXPECT_EQ(velocity_per_day(*input), store::cents(2050 / 5));
  // All of every day came at 15:00, which has not quite passed.
  EXPECT_LT(input->today_part_gone, 0.3);
  env.advance(std::chrono::minutes(30));
  input = read(team_scope());
  EXPECT_GT(input->today_part_gone, 0.8);
}

TEST_F(PaceTest, CountsADayWithoutUse) {
  for (int week = 0; week < 3; ++week) {
    spend(store::usd(7));
    env.advance(std::chrono::hours(24 * 7));
  }
  const auto input = read(team_scope());
  ASSERT_EQ(input->history.size(), 20u);
  EXPECT_EQ(input->history[5].cost, Nanos{});
  EXPECT_EQ(input->history[6].cost, store::usd(7));
  EXPECT_EQ(velocity_per_day(*input), store::usd(1));
}

TEST_F(PaceTest, LooksAtEightWeeks) {
  for (int day = 0; day < 70; ++day) {
    spend(store::cents(10));
    env.advance(std::chrono::hours(24));
  }
  const auto input = read(team_scope());
  ASSERT_EQ(input->history.size(), kForecastHistoryDays);
  for (const ForecastDay& day : input->history) EXPECT_EQ(day.cost, store::cents(10));
}

TEST_F(PaceTest, OfAFirstDayHasNoHistory) {
  spend(store::usd(3));
  const auto input = read(team_scope());
  EXPECT_TRUE(input->history.empty());
  EXPECT_EQ(input->today.cost, store::usd(3));
  EXPECT_NEAR(input->today_part_gone, 15.0 / 24, 1e-9);
  EXPECT_EQ(velocity_per_day(*input), store::usd(3));
}

TEST_F(PaceTest, SeesOnlyItsScope) {
  ASSERT_TRUE(set_cap(workspace_scope(), store::usd(1000)));
  ASSERT_TRUE(set_cap(user_scope(), store::usd(1000), Period::week));
  const ledger::Scope first_team = team_scope();
  spend(store::usd(2));
  who.team = make_id(env);
  spend(store::usd(3));
  who.user = make_id(env);
  spend(store::usd(4));
  EXPECT_EQ(read(first_team)->today.cost, store::usd(2));
  EXPECT_EQ(read(workspace_scope())->today.cost, store::usd(9));
}

TEST_F(PaceTest, DaysAreLocal) {
  const auto moved = store->change([&](store::Change& change) -> Result<void> {
    change.sql().run("UPDATE workspaces SET zone = 'Asia/Kathmandu' WHERE id = ?1",
                     {change.workspace()});
    change.reload_settings();
    return {};
  });
  ASSERT_TRUE(moved) << moved.error().message;
  ASSERT_TRUE(set_cap(user_scope(), store::usd(1000)));
  spend(store::usd(1));  // 20:45 on the 23rd
  env.advance(std::chrono::hours(3));
  spend(store::usd(2));  // 23:45
  env.advance(std::chrono::minutes(15));
  spend(store::usd(4));  // midnight of the 24th
  const auto input = read(user_scope());
  ASSERT_EQ(input->history.size(), 1u);
  EXPECT_EQ(input->history[0].cost, store::usd(3));
  EXPECT_EQ(input->history[0].weekday, 1);
  EXPECT_EQ(input->today.cost, store::usd(4));
  EXPECT_EQ(input->days_left.size(), 6u);
}

TEST_F(PaceTest, ATasksCapHasNone) {
  who.task_name = "ticket";
  who.task = store::task_id(who.user, "ticket");
  const ledger::Scope task{ledger::ScopeKind::task, who.task};
  ASSERT_TRUE(set_cap(task, store::usd(5), Period::none));
  spend(store::usd(2));
  EXPECT_EQ(read(task), std::nullopt);
  EXPECT_EQ(pace_of(account(task), env.utc_now()), std::nullopt);
}

}  // namespace
}  // namespace purser::reports
