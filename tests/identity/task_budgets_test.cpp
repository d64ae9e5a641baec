#include "purser/identity/task_budgets.h"

#include "identity_test_support.h"

namespace purser::identity {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class TaskBudgetsTest : public IdentityTest {
 protected:
  void SetUp() override {
    IdentityTest::SetUp();
    seed();
    sam = user_id("sam@example.com");
  }
  TaskBudget budget(const std::string& name, Nanos limit) const {
    return {sam, store::task_id(sam, name), limit};
  }
  std::string make(const TaskBudget& wanted) {
    return change([&](store::Change& c) { return make_task_budget(c, wanted, by); });
  }
  std::vector<store::CapStatus> caps_of_task(const TaskBudget& of) {
    ledger::ScopeList scopes;
    scopes.push_back({ledger::ScopeKind::task, of.task});
    return store->caps(scopes);
  }
  // As many as there can be, each a second after the last; the first is "task-0".
  void fill() {
    for (std::int64_t first = 0; first < kMaxTaskBudgetsOfUser; first += 100) {
      ASSERT_EQ(change([&](store::Change& c) -> Result<void> {
                  for (std::int64_t i = first; i < first + 100; ++i) {
                    auto made =
                        make_task_budget(c, budget("task-" + std::to_string(i), usd(1)), by);
                    if (!made) return made.error();
                  }
                  return {};
                }),
                "");
      env.advance(std::chrono::seconds(1));
    }
  }

  Id sam;
};

TEST_F(TaskBudgetsTest, TheFirstMakesAHardCapAndLaterOnesChangeNothing) {
  const TaskBudget first = budget("ticket-4711", usd(2));
  ASSERT_EQ(make(first), "");
  ASSERT_THAT(caps_of_task(first), SizeIs(1));
  EXPECT_EQ(caps_of_task(first)[0].account.limit, usd(2));
  EXPECT_EQ(caps_of_task(first)[0].cap.enforcement, ledger::Enforcement::hard);
  EXPECT_EQ(caps_of_task(first)[0].cap.period, Period::none);
  const Id cap = caps_of_task(first)[0].cap.id;

  ASSERT_EQ(make(budget("ticket-4711", usd(9))), "");
  ASSERT_THAT(caps_of_task(first), SizeIs(1));
  EXPECT_EQ(caps_of_task(first)[0].cap.id, cap);
  EXPECT_EQ(caps_of_task(first)[0].account.limit, usd(2));
  EXPECT_THAT(all_audit(), HasSubstr("cap.set"));
}

TEST_F(TaskBudgetsTest, OneThatAnAdminHasEndedComesBack) {
  const TaskBudget wanted = budget("ticket-4711", usd(2));
  ASSERT_EQ(make(wanted), "");
  const Id cap = caps_of_task(wanted)[0].cap.id;
  ASSERT_EQ(change([&](store::Change& c) { return c.apply(ledger::EndCap{cap}, by.actor, ""); }),
            "");
  ASSERT_THAT(caps_of_task(wanted), IsEmpty());
  ASSERT_EQ(make(wanted), "");
  EXPECT_THAT(caps_of_task(wanted), SizeIs(1));
}

TEST_F(TaskBudgetsTest, OneMoreThanThereCanBeEndsTheIdlestAndNoneInUse) {
  fill();
  const TaskBudget extra = budget("extra", usd(1));
  EXPECT_EQ(make(extra), "too_many_task_budgets");
  EXPECT_THAT(caps_of_task(extra), IsEmpty());
  // Another user is not concerned.
  const Id ada = user_id("ada@example.com");
  EXPECT_EQ(make({ada, store::task_id(ada, "extra"), usd(1)}), "");

  env.advance(kTaskBudgetIdle - std::chrono::seconds(kMaxTaskBudgetsOfUser / 100));
  ASSERT_EQ(make(extra), "");
  EXPECT_THAT(caps_of_task(extra), SizeIs(1));
  int left = 0;
  for (int i = 0; i < 100; ++i)
    left += static_cast<int>(caps_of_task(budget("task-" + std::to_string(i), usd(1))).size());
  EXPECT_EQ(left, 99) << "of the hundred that were made first, one made room";
  EXPECT_EQ(make(budget("another", usd(1))), "") << "and a second one does";
}

}  // namespace
}  // namespace purser::identity
