// Each kind of damage, planted in the file, is found and said.
#include <functional>

#include "sqlite/connection.h"
#include "sqlite/directory.h"
#include "store_test_support.h"

namespace purser::store {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

struct Damage {
  const char* name;
  const char* sql;
  const char* said;
};

class VerifyTest : public StoreTest, public ::testing::WithParamInterface<Damage> {
 protected:
  // Two days with usage, an adjustment, an open hold that a crash left, tasks.
  void fill() {
    open_with_key();
    ASSERT_TRUE(set_cap(user_scope(), usd(100)));
    who.task_name = "t";
    who.task = task_id(who.user, "t");
    spend(usd(3));
    spend(usd(2));
    env.advance(std::chrono::hours(24));
    const Id request = spend(usd(4));
    ASSERT_TRUE(set_cap(team_scope(), usd(50)));
    ASSERT_TRUE(store->change([&](Change& change) -> Result<void> {
      auto applied = change.correct_usage(request, usd(5), admin, "invoice");
      return applied ? Result<void>{} : applied.error();
    }));
    reserve(usd(1));
    ASSERT_TRUE(store->backup(file));
  }
  const std::string file = directory.path() + "/copy.db";
};

TEST_P(VerifyTest, IsFound) {
  fill();
  const auto before = verify(file);
  ASSERT_TRUE(before);
  ASSERT_THAT(before->problems, IsEmpty());
  EXPECT_EQ(before->usages, 3u);
  EXPECT_EQ(before->holds, 1u);
  {
    Connection connection(file, Connection::Mode::write);
    connection.execute(GetParam().sql);
    ASSERT_GT(connection.integer("SELECT total_changes()"), 0) << "nothing was damaged";
  }
  const auto after = verify(file);
  ASSERT_TRUE(after);
  EXPECT_THAT(after->problems, Contains(HasSubstr(GetParam().said)));
}

INSTANTIATE_TEST_SUITE_P(
    Each, VerifyTest,
    ::testing::Values(
        Damage{"AuditEdited", "UPDATE audit SET reason = 'another' WHERE sequence = 2",
               "Audit entry 2"},
        Damage{"AuditAmountEdited",
               "UPDATE audit SET to_value = replace(to_value, '100', '900') WHERE sequence = 1",
               "Audit entry 1"},
        Damage{"AuditRemoved", "DELETE FROM audit WHERE sequence = 2", "Audit entry 2 is missing"},
        Damage{"AuditTailRemoved",
               "DELETE FROM audit WHERE sequence = (SELECT MAX(sequence) FROM audit)",
               "newest entries are missing"},
        Damage{"AuditSwapped",
               "UPDATE audit SET sequence = 1000 WHERE sequence = 1; UPDATE audit SET sequence = 1 "
               "WHERE sequence = 2; UPDATE audit SET sequence = 2 WHERE sequence = 1000",
               "Audit entries 1 and 2 were swapped"},
        Damage{"UsageCostChanged",
               "UPDATE usages SET cost_nanos = cost_nanos - 1 WHERE sequence = (SELECT "
               "MIN(sequence) FROM usages)",
               "but usage and adjustments make"},
        Damage{"UsageOfAClosedDayChanged",
               "UPDATE usages SET label = zeroblob(15) || x'01' WHERE sequence = (SELECT "
               "MIN(sequence) FROM usages)",
               "is not what was put on record"},
        Damage{"UsageRemoved",
               "DELETE FROM usages WHERE sequence = (SELECT MAX(sequence) FROM usages)",
               "usage that is not there"},
        Damage{"SpentChanged", "UPDATE recent_balances SET spent_nanos = spent_nanos + 1",
               "says spent"},
        Damage{"HeldChanged", "UPDATE recent_balances SET held_nanos = 0", "says held"},
        Damage{"RecentBalancesRemoved", "DELETE FROM recent_balances", "says spent"},
        Damage{"BalancesOfNoAccount", "INSERT INTO recent_balances VALUES (1000, 0, 0)",
               "balances of an account that is not there"},
        Damage{"CarriedChanged",
               "UPDATE account_rows SET carried_nanos = carried_nanos + 1 WHERE carried_nanos > 0; "
               "UPDATE recent_balances SET spent_nanos = spent_nanos + 1 WHERE account IN (SELECT "
               "number FROM account_rows WHERE carried_nanos > 0)",
               "from the books"},
        Damage{"LimitLowered", "UPDATE account_rows SET limit_nanos = 1000", "above its limit"},
        Damage{"LimitRaised", "UPDATE account_rows SET limit_nanos = limit_nanos * 2",
               "has the limit"},
        Damage{"HoldRemoved", "DELETE FROM hold_rows", "says held"},
        Damage{"HoldAmountChanged", "UPDATE hold_rows SET amount_nanos = amount_nanos + 1",
               "says held"},
        Damage{"HeldAnew",
               "UPDATE hold_rows SET sequence = sequence + 100 WHERE sequence = (SELECT "
               "MIN(sequence) FROM hold_rows)",
               "is held and settled at once"},
        Damage{"RollupChanged", "UPDATE rollup_sums SET cost_nanos = cost_nanos + 1",
               "The rollup of"},
        Damage{"RollupCountsChanged", "UPDATE rollup_sums SET output_tokens = output_tokens + 1",
               "other counts of tokens"},
        Damage{"RollupRemoved", "DELETE FROM rollup_rows", "is missing"},
        Damage{"SumsRemoved", "DELETE FROM rollup_sums", "is missing"},
        Damage{"SumsOfNoRollup",
               "INSERT INTO rollup_sums SELECT 1000, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0",
               "sums of a rollup that is not there"},
        Damage{"TaskChanged", "UPDATE tasks SET cost_nanos = 0", "Task task_"},
        Damage{"AdjustmentRemoved", "DELETE FROM adjustments", "but usage and adjustments make"},
        Damage{"CapHidden", "UPDATE caps SET ended_at = 1", "open caps"},
        Damage{"OverspendUnflagged", "UPDATE usages SET hold_nanos = 1", "not flagged"},
        Damage{"ReleasedWithACost", "UPDATE usages SET flags = 8", "flagged as released"},
        Damage{"ProgressTurnedBack", "UPDATE progress SET sequence = 1", "progress says"}),
    [](const auto& each) { return std::string(each.param.name); });

TEST_F(StoreTest, AnEmptyLedgerIsClean) {
  open();
  expect_clean();
}

TEST_F(StoreTest, VerifyOfNoFileSaysSo) {
  EXPECT_EQ(verify(directory.path() + "/nothing.db").error().code, "damaged");
}

}  // namespace
}  // namespace purser::store
