#include "purser/ledger/apply.h"

#include "purser/base/check.h"
#include "steps.h"

namespace purser::ledger {
namespace {

__extension__ typedef __int128 Wide;

Outcome set_stopped(AccountSet& set, const Scope& scope, bool stopped) {
  PURSER_ASSERT(set.scopes.size() == 1 && set.scopes[0].scope == scope);
  set.scopes[0].stopped = stopped;
  return {};
}

}  // namespace

bool stands_past(const Account& account, int percent) {
  if (percent == kReachedPercent) return account.paused();
  // A limit of zero has no shares: it is paused, and that is all there is to say.
  if (account.limit == Nanos{0}) return false;
  return static_cast<Wide>(account.spent.count()) * 100 >=
         static_cast<Wide>(account.limit.count()) * percent;
}

void record(AccountSet& set, std::size_t index, int percent, Outcome& outcome) {
  Account& account = set.accounts[index];
  if (account.crossed.has(percent)) return;
  account.crossed.add(percent);
  outcome.transitions.push_back({Transition::Kind::threshold, static_cast<std::uint8_t>(percent),
                                 static_cast<std::uint8_t>(index)});
}

void record_crossings(AccountSet& set, std::size_t index, Outcome& outcome) {
  const Account& account = set.accounts[index];
  for (const int percent : account.thresholds.without(account.crossed).percents())
    if (stands_past(account, percent)) record(set, index, percent, outcome);
}

void take_thresholds(Account& account, PercentSet thresholds) {
  account.thresholds = thresholds;
  for (const int percent : thresholds.percents())
    if (stands_past(account, percent)) account.crossed.add(percent);
}

bool within_limit(const Account& account) { return account.spent + account.held <= account.limit; }

Outcome apply(AccountSet& set, Instant now, const Command& command) {
  for (const Account& account : set.accounts) {
    PURSER_ASSERT(account.held >= Nanos{0});
    PURSER_ASSERT(account.cycle_start < account.cycle_end);
  }
  struct Dispatch {
    AccountSet& set;
    Instant now;
    Outcome operator()(const Reserve& c) const { return reserve(set, c); }
    Outcome operator()(const Settle& c) const { return settle(set, c.cost); }
    Outcome operator()(const Expire&) const { return settle(set, set.hold); }
    Outcome operator()(const Adjust& c) const { return adjust(set, c); }
    Outcome operator()(const SetCap& c) const { return set_cap(set, c); }
    Outcome operator()(const EndCap& c) const { return end_cap(set, c); }
    Outcome operator()(const Raise& c) const { return raise(set, now, c); }
    Outcome operator()(const EndRaise& c) const { return end_raise(set, c); }
    Outcome operator()(const Reallocate& c) const { return reallocate(set, now, c); }
    Outcome operator()(const Stop& c) const { return set_stopped(set, c.scope, true); }
    Outcome operator()(const Resume& c) const { return set_stopped(set, c.scope, false); }
    Outcome operator()(const ClearOverspend&) const {
      set.model_overspent = false;
      return {};
    }
  };
  return std::visit(Dispatch{set, now}, command);
}

}  // namespace purser::ledger
