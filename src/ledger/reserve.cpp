#include <algorithm>

#include "purser/base/check.h"
#include "steps.h"

namespace purser::ledger {
namespace {

// A refusal reaches a cap only if the request was small beside it: at most 5 % of the limit. One
// oversized request on a cap that is far from spent says nothing about the cap.
constexpr std::int64_t kReachedByRefusalDivisor = 20;

// A cap passed by is what this function stands against: what was loaded must be every open cap.
void check_all_caps_were_loaded(const AccountSet& set) {
  std::size_t open_caps = 0;
  for (const ScopeState& scope : set.scopes) {
    const auto loaded = std::count_if(
        set.accounts.begin(), set.accounts.end(),
        [&](const Account& account) { return account.scope == scope.scope && !account.ended; });
    PURSER_ASSERT(static_cast<std::uint32_t>(loaded) == scope.open_caps);
    open_caps += scope.open_caps;
  }
  PURSER_ASSERT(open_caps == set.accounts.size());
}

bool bounds_a_month(const Account& account) {
  return account.enforcement == Enforcement::hard &&
         (account.period == Period::day || account.period == Period::week ||
          account.period == Period::month);
}

// The most that this account lets one hold take.
Nanos allowed(const Account& account, const Reserve& command) {
  const Nanos remaining = account.remaining();
  const Nanos share{remaining.count() / command.share_divisor};
  return std::min(remaining, std::max(command.smallest, share));
}

bool fits_without_other_holds(const Account& account, const Reserve& command) {
  return account.limit - account.spent >= command.smallest;
}

bool refuses(const Account& account, const Reserve& command) {
  return account.paused() || account.remaining() < command.smallest;
}

// A refusal for spend, if small beside the limit, is what reaches a cap that is not quite spent.
void record_refusal(AccountSet& set, std::size_t index, const Reserve& command, Outcome& outcome) {
  const Account& account = set.accounts[index];
  const bool small = command.smallest.count() <= account.limit.count() / kReachedByRefusalDivisor;
  if (account.paused() || (small && !fits_without_other_holds(account, command)))
    record(set, index, kReachedPercent, outcome);
}

Outcome refuse(AccountSet& set, const Reserve& command, Outcome outcome) {
  outcome.amount = command.smallest;
  bool paused = false;
  bool fits_once_settled = true;
  bool first = true;
  for (std::size_t i = 0; i < set.accounts.size(); ++i) {
    if ((outcome.refusing & (1u << i)) == 0) continue;
    const Account& account = set.accounts[i];
    paused = paused || account.paused();
    fits_once_settled = fits_once_settled && fits_without_other_holds(account, command);
    if (first || account.remaining() < set.accounts[outcome.binding].remaining())
      outcome.binding = static_cast<std::uint8_t>(i);
    first = false;
    record_refusal(set, i, command, outcome);
  }
  if (paused)
    outcome.decision = Decision::paused;
  else
    outcome.decision = fits_once_settled ? Decision::holds_in_the_way : Decision::does_not_fit;
  return outcome;
}

void choose_form(const Reserve& command, Nanos most, Outcome& outcome) {
  const auto form = std::find_if(command.forms.begin(), command.forms.end(),
                                 [&](Nanos bound) { return bound <= most; });
  outcome.form = static_cast<std::uint8_t>(form - command.forms.begin());
  outcome.amount = form == command.forms.end() ? most : *form;
  PURSER_ASSERT(outcome.amount >= command.smallest && outcome.amount <= command.forms.front());
}

void hold(AccountSet& set, const Reserve& command, Outcome& outcome) {
  for (std::size_t i = 0; i < set.accounts.size(); ++i) {
    Account& account = set.accounts[i];
    if (account.enforcement == Enforcement::watch && refuses(account, command)) {
      outcome.would_refuse |= 1u << i;
      record_refusal(set, i, command, outcome);
    }
    account.held += outcome.amount;
    PURSER_ASSERT(account.enforcement == Enforcement::watch || within_limit(account));
  }
}

}  // namespace

Outcome reserve(AccountSet& set, const Reserve& command) {
  check_all_caps_were_loaded(set);
  PURSER_ASSERT(!command.forms.empty() && command.smallest >= Nanos{0} &&
                command.smallest <= command.forms.back() && command.share_divisor >= 1);
  PURSER_ASSERT(std::is_sorted(command.forms.rbegin(), command.forms.rend()));

  Outcome outcome;
  for (std::size_t i = 0; i < set.scopes.size(); ++i) {
    if (!set.scopes[i].stopped) continue;
    outcome.decision = Decision::stopped;
    outcome.stopped_scope = static_cast<std::uint8_t>(i);
    return outcome;
  }
  if (command.free) return outcome;
  if (!command.allow_uncapped &&
      std::none_of(set.accounts.begin(), set.accounts.end(), bounds_a_month)) {
    outcome.decision = Decision::no_cap;
    return outcome;
  }

  Nanos most = command.forms.front();
  for (std::size_t i = 0; i < set.accounts.size(); ++i) {
    const Account& account = set.accounts[i];
    if (account.enforcement == Enforcement::watch) continue;
    if (refuses(account, command)) outcome.refusing |= 1u << i;
    most = std::min(most, allowed(account, command));
  }
  if (outcome.refusing != 0) return refuse(set, command, outcome);
  choose_form(command, most, outcome);
  hold(set, command, outcome);
  return outcome;
}

}  // namespace purser::ledger
