#include "model.h"

#include <algorithm>

namespace purser::ledger {
namespace {

void record(ModelAccount& account, std::size_t index, int percent, ModelAlerts& alerts) {
  if (account.recorded.insert(percent).second) alerts.emplace(index, percent);
}

// A refusal reaches the cap that is paused, and one that refuses a request of at most 5 % of its
// limit for what was spent, not for what is held.
void record_refusal(ModelAccount& account, std::size_t index, Wide smallest, ModelAlerts& alerts) {
  const bool for_spend = account.limit - account.spent < smallest;
  if (account.paused() || (for_spend && smallest * 20 <= account.limit))
    record(account, index, 100, alerts);
}

bool bounds_a_month(const ModelAccount& account) {
  return account.enforcement == Enforcement::hard &&
         (account.period == Period::day || account.period == Period::week ||
          account.period == Period::month);
}

void refuse(const std::vector<ModelAccount*>& accounts, Wide smallest, ModelDecision& result) {
  bool paused = false, for_spend = false;
  for (std::size_t i = 0; i < accounts.size(); ++i) {
    if ((result.refusing & (1u << i)) == 0) continue;
    paused |= accounts[i]->paused();
    for_spend |= accounts[i]->limit - accounts[i]->spent < smallest;
    record_refusal(*accounts[i], i, smallest, result.alerts);
  }
  result.decision = paused      ? Decision::paused
                    : for_spend ? Decision::does_not_fit
                                : Decision::holds_in_the_way;
  result.amount = smallest;
}

}  // namespace

bool ModelAccount::paused() const {
  const Wide margin = std::min<Wide>(kNanosPerUsd / 20, limit / 200);
  return spent >= limit - margin;
}

bool ModelAccount::stands_past(int percent) const {
  return percent == 100 ? paused() : limit > 0 && spent * 20 >= limit * (percent / 5);
}

ModelDecision model_reserve(const std::vector<ModelAccount*>& accounts, bool stopped,
                            const Reserve& command) {
  ModelDecision result;
  if (stopped) {
    result.decision = Decision::stopped;
    return result;
  }
  if (command.free) return result;
  if (!command.allow_uncapped &&
      std::none_of(accounts.begin(), accounts.end(),
                   [](const ModelAccount* account) { return bounds_a_month(*account); })) {
    result.decision = Decision::no_cap;
    return result;
  }
  const Wide smallest = command.smallest.count();
  Wide most = command.forms.front().count();
  std::uint32_t too_little = 0;
  for (std::size_t i = 0; i < accounts.size(); ++i) {
    const ModelAccount& account = *accounts[i];
    if (account.paused() || account.room() < smallest) too_little |= 1u << i;
    if (account.enforcement == Enforcement::watch) continue;
    most = std::min(
        {most, account.room(), std::max(smallest, account.room() / command.share_divisor)});
    result.refusing |= too_little & (1u << i);
  }
  if (result.refusing != 0) {
    refuse(accounts, smallest, result);
    return result;
  }
  // The first form that fits, else all that is allowed.
  result.amount = most;
  for (auto form = command.forms.rbegin(); form != command.forms.rend(); ++form)
    if (form->count() <= most) result.amount = form->count();
  result.would_refuse = too_little;
  for (std::size_t i = 0; i < accounts.size(); ++i) {
    if ((too_little & (1u << i)) != 0) record_refusal(*accounts[i], i, smallest, result.alerts);
    accounts[i]->held += result.amount;
  }
  return result;
}

ModelAlerts model_settle(const std::vector<ModelAccount*>& accounts, Wide held, Wide spent) {
  ModelAlerts alerts;
  for (std::size_t i = 0; i < accounts.size(); ++i) {
    accounts[i]->held -= held;
    accounts[i]->spent += spent;
    for (const int percent : accounts[i]->thresholds)
      if (accounts[i]->stands_past(percent)) record(*accounts[i], i, percent, alerts);
  }
  return alerts;
}

ModelAlerts model_set_limit(ModelAccount& account, std::size_t index, Wide limit) {
  ModelAlerts alerts;
  account.limit = limit;
  ++account.version;
  const std::set<int> before = std::exchange(account.recorded, {});
  for (const int percent : account.thresholds) {
    if (!account.stands_past(percent)) continue;
    account.recorded.insert(percent);
    if (!before.contains(percent)) alerts.emplace(index, percent);
  }
  if (before.contains(100) && !account.recorded.contains(100) &&
      account.enforcement == Enforcement::hard)
    alerts.emplace(index, kPauseEnded);
  return alerts;
}

}  // namespace purser::ledger
