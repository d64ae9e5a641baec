// A task's own budget, so that one runaway agent cannot spend a month's cap: the header
// `x-purser-task-budget-usd` of a request makes a hard cap of scope task where the task has none.
//
// The first budget stays: what later requests of the task say changes nothing, since an agent
// that could raise its own budget would have none. An admin changes it as any other cap. What the
// task has spent already counts (I4).
//
// Caps live in memory, and task names are the client's, so a user has at most
// kMaxTaskBudgetsOfUser. The one more ends that of the task that was idle for longest, but not of
// one used within kTaskBudgetIdle. A task that comes back after that and brings its budget again is
// counted from the books, as if it had never ended.
//
// Runs inside a change, on the store's writer thread. Errors: too_many_task_budgets, and those of
// Change::set_cap.
//
//   auto made = make_task_budget(change, {user, task, *parse_usd("2.50")}, by);
#pragma once

#include "purser/identity/changed_by.h"

namespace purser::identity {

inline constexpr std::int64_t kMaxTaskBudgetsOfUser = 1000;
inline constexpr Duration kTaskBudgetIdle = std::chrono::hours(1);

struct TaskBudget {
  Id user;
  Id task;  // store::task_id
  Nanos limit;
};

Result<void> make_task_budget(store::Change& change, const TaskBudget& budget, const ChangedBy& by);

}  // namespace purser::identity
