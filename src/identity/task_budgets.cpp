#include "purser/identity/task_budgets.h"

#include "open_caps.h"

namespace purser::identity {
namespace {

ledger::Scope scope_of(const Id& task) { return {ledger::ScopeKind::task, task}; }

const OpenCap* hard_one(const std::vector<OpenCap>& caps) {
  for (const OpenCap& cap : caps)
    if (cap.enforcement == ledger::Enforcement::hard) return &cap;
  return nullptr;
}

struct IdleTask {
  Id task;
  Instant used_at;
};

IdleTask idle_for_longest(store::Change& change, const Id& user) {
  IdleTask found;
  change.sql().each(
      "SELECT b.task, MAX(b.made_at, COALESCE(t.last_used_at, 0)) AS used_at FROM task_budgets b "
      "LEFT JOIN tasks t ON t.workspace = b.workspace AND t.id = b.task WHERE b.workspace = ?1 AND "
      "b.user = ?2 ORDER BY used_at, b.task LIMIT 1",
      {change.workspace(), user}, [&](const store::Row& row) {
        found = {row.id(0), row.instant(1)};
      });
  return found;
}

Result<void> end_idle_budget(store::Change& change, const Id& user, const store::Actor& actor) {
  const IdleTask idle = idle_for_longest(change, user);
  if (change.now() - idle.used_at < kTaskBudgetIdle) {
    return Error{"too_many_task_budgets",
                 "You have " + std::to_string(kMaxTaskBudgetsOfUser) +
                     " tasks with a budget of their own, the most there can be, and all were used "
                     "within the hour. Use the name of one task for what belongs together."};
  }
  const auto caps = open_caps_of(change.sql(), change.workspace(), scope_of(idle.task));
  if (const OpenCap* cap = hard_one(caps)) {
    auto ended = change.apply(ledger::EndCap{cap->id}, actor,
                              "Made room for the budget of another task: this one was idle.");
    if (!ended) return ended.error();
  }
  change.sql().run("DELETE FROM task_budgets WHERE workspace = ?1 AND user = ?2 AND task = ?3",
                   {change.workspace(), user, idle.task});
  return {};
}

std::int64_t budgets_of(store::Change& change, const Id& user) {
  std::int64_t count = 0;
  change.sql().each("SELECT COUNT(*) FROM task_budgets WHERE workspace = ?1 AND user = ?2",
                    {change.workspace(), user},
                    [&](const store::Row& row) { count = row.integer(0); });
  return count;
}

}  // namespace

Result<void> make_task_budget(store::Change& change, const TaskBudget& budget,
                              const ChangedBy& by) {
  const ledger::Scope scope = scope_of(budget.task);
  if (hard_one(open_caps_of(change.sql(), change.workspace(), scope))) return {};
  // Of this task there may be one whose cap an admin has ended.
  change.sql().run("DELETE FROM task_budgets WHERE workspace = ?1 AND user = ?2 AND task = ?3",
                   {change.workspace(), budget.user, budget.task});
  if (budgets_of(change, budget.user) >= kMaxTaskBudgetsOfUser) {
    auto room = end_idle_budget(change, budget.user, by.actor);
    if (!room) return room.error();
  }
  auto made = change.set_cap({scope, Period::none, ledger::Enforcement::hard, budget.limit, {}},
                             by.actor, by.reason);
  if (!made) return made.error();
  change.sql().run(
      "INSERT INTO task_budgets (workspace, user, task, made_at) VALUES (?1, ?2, ?3, ?4)",
      {change.workspace(), budget.user, budget.task, change.now()});
  return {};
}

}  // namespace purser::identity
