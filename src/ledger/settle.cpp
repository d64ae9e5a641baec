#include <algorithm>

#include "purser/base/check.h"
#include "steps.h"

namespace purser::ledger {

Outcome settle(AccountSet& set, Nanos cost) {
  PURSER_ASSERT(cost >= Nanos{0} && set.hold >= Nanos{0});
  Outcome outcome;
  outcome.amount = cost;
  outcome.overspend = std::max(Nanos{0}, cost - set.hold);
  if (outcome.overspend > Nanos{0}) {
    set.model_overspent = true;
    outcome.transitions.push_back({Transition::Kind::overspend, 0, 0});
  }
  for (std::size_t i = 0; i < set.accounts.size(); ++i) {
    Account& account = set.accounts[i];
    PURSER_ASSERT(account.held >= set.hold);
    const bool was_within_limit = within_limit(account);
    account.held -= set.hold;
    account.spent += cost;
    PURSER_ASSERT(outcome.overspend > Nanos{0} || !was_within_limit || within_limit(account));
    record_crossings(set, i, outcome);
  }
  return outcome;
}

Outcome adjust(AccountSet& set, const Adjust& command) {
  Outcome outcome;
  outcome.amount = command.delta;
  for (std::size_t i = 0; i < set.accounts.size(); ++i) {
    set.accounts[i].spent += command.delta;
    PURSER_ASSERT(set.accounts[i].spent >= Nanos{0});
    record_crossings(set, i, outcome);
  }
  return outcome;
}

}  // namespace purser::ledger
