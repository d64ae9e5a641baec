// The task that a request belongs to, and its own budget: `x-purser-task` and
// `x-purser-task-budget-usd`.
#include "exchange.h"
#include "purser/identity/task_budgets.h"
#include "shown.h"

namespace purser::gateway {
namespace {

constexpr std::size_t kTaskNameBytes = 128;

Result<std::optional<Nanos>> read_budget(const std::string& text, bool has_task) {
  if (text.empty()) return std::optional<Nanos>();
  if (!has_task) {
    return Error{"task_budget_without_task",
                 "x-purser-task-budget-usd is the budget of a task: send x-purser-task with it."};
  }
  const auto budget = parse_usd(text);
  if (budget && *budget > Nanos{0}) return std::optional(*budget);
  return Error{"bad_task_budget", "x-purser-task-budget-usd is " + shown(text) +
                                      ": send an amount in USD above 0, such as 2.50."};
}

bool has_hard_cap(const std::vector<store::CapStatus>& caps) {
  for (const auto& cap : caps)
    if (cap.cap.enforcement == ledger::Enforcement::hard) return true;
  return false;
}

// Whose fault decides whether a retry helps.
int status_of(const Error& error) {
  if (error.side == Side::us) return 503;
  return error.code == "too_many_task_budgets" ? 429 : 400;
}

}  // namespace

Result<void> Exchange::read_task() {
  std::string name = header("x-purser-task");
  if (name.size() > kTaskNameBytes)
    return Error{"task_too_long", "x-purser-task has more than 128 bytes."};
  const auto budget = read_budget(header("x-purser-task-budget-usd"), !name.empty());
  if (!budget) return budget.error();
  task_budget_ = *budget;
  if (name.empty()) return {};
  attribution_.task = store::task_id(attribution_.user, name);
  attribution_.task_name = std::move(name);
  return {};
}

// Before the hold, which then counts against it. Once a task: then its cap is there.
Exchange::Done Exchange::make_task_budget() {
  if (!task_budget_ || format_ == providers::Format::anthropic_count_tokens) co_return true;
  ledger::ScopeList scope;
  scope.push_back({ledger::ScopeKind::task, attribution_.task});
  if (has_hard_cap(gateway_.store->caps(scope))) co_return true;

  const identity::TaskBudget budget{attribution_.user, attribution_.task, *task_budget_};
  const identity::Principal& who = *principal_;
  const identity::ChangedBy by{{who.user, who.user_email.empty() ? who.user_name : who.user_email},
                               "x-purser-task-budget-usd of " + to_text("req", request_)};
  Result<void> made;
  std::function<void()> work = [this, &budget, &by, &made] {
    made = gateway_.store->change([&budget, &by](store::Change& change) {
      return identity::make_task_budget(change, budget, by);
    });
  };
  const bool ran = co_await run_on_worker(std::move(work));
  if (!ran) co_return false;
  if (made) co_return true;
  Error error = made.error();
  const int status = status_of(error);
  co_await refuse(status, std::move(error));
  co_return false;
}

}  // namespace purser::gateway
