// Changes of caps: a new limit, a raise, a reallocation, an end.
#include "purser/base/check.h"
#include "steps.h"

namespace purser::ledger {
namespace {

bool is_a_limit(Nanos limit) { return limit >= Nanos{0} && limit <= kMaxAmount; }

Outcome not_possible() {
  Outcome outcome;
  outcome.decision = Decision::not_possible;
  return outcome;
}

void check_cap_and_account(const AccountSet& set, std::size_t index, const Id& cap) {
  PURSER_ASSERT(index < set.caps.size() && index < set.accounts.size());
  PURSER_ASSERT(set.caps[index].id == cap && set.accounts[index].cap == cap);
  PURSER_ASSERT(set.caps[index].ended == set.accounts[index].ended);
  PURSER_ASSERT(set.caps[index].thresholds == set.accounts[index].thresholds);
}

// Puts a new limit in force. Thresholds above the new share are armed again; those that the change
// itself crosses are recorded.
void put_in_force(AccountSet& set, std::size_t index, Nanos limit, Outcome& outcome) {
  Account& account = set.accounts[index];
  const PercentSet crossed_before = account.crossed;
  account.limit = limit;
  account.limit_version = ++set.caps[index].limit_version;
  account.crossed = PercentSet{};
  Outcome crossings;
  record_crossings(set, index, crossings);
  for (const Transition& transition : crossings.transitions)
    if (!crossed_before.has(transition.percent)) outcome.transitions.push_back(transition);
  const bool was_paused = crossed_before.has(kReachedPercent);
  if (was_paused && !account.is_reached() && account.enforcement == Enforcement::hard)
    outcome.transitions.push_back(
        {Transition::Kind::pause_ended, 0, static_cast<std::uint8_t>(index)});
}

// Of a raise in force: the same limit for longer. Not of a limit that is lowered for a time.
bool prolongs(const Cap& cap, const Account& account, const Raise& command) {
  return cap.temporary && command.limit == account.limit && command.limit > cap.limit &&
         (!command.until || *command.until > cap.temporary->until);
}

}  // namespace

Outcome set_cap(AccountSet& set, const SetCap& command) {
  check_cap_and_account(set, 0, command.cap);
  if (!is_a_limit(command.limit) || set.caps[0].ended) return not_possible();
  Outcome outcome;
  set.caps[0].limit = command.limit;
  set.caps[0].temporary.reset();
  put_in_force(set, 0, command.limit, outcome);
  return outcome;
}

Outcome end_cap(AccountSet& set, const EndCap& command) {
  check_cap_and_account(set, 0, command.cap);
  if (set.caps[0].ended) return not_possible();
  set.caps[0].ended = true;
  set.accounts[0].ended = true;
  Outcome outcome;
  if (set.accounts[0].is_reached() && set.accounts[0].enforcement == Enforcement::hard)
    outcome.transitions.push_back({Transition::Kind::pause_ended, 0, 0});
  return outcome;
}

Outcome raise(AccountSet& set, Instant now, const Raise& command) {
  check_cap_and_account(set, 0, command.cap);
  const bool lifts = is_a_limit(command.limit) && (command.limit > set.accounts[0].limit ||
                                                   prolongs(set.caps[0], set.accounts[0], command));
  if (!lifts || set.caps[0].ended || (command.until && *command.until <= now))
    return not_possible();
  Outcome outcome;
  if (command.until) {
    set.caps[0].temporary = TemporaryLimit{command.limit, *command.until};
  } else {
    set.caps[0].limit = command.limit;
    set.caps[0].temporary.reset();
  }
  put_in_force(set, 0, command.limit, outcome);
  return outcome;
}

Outcome end_raise(AccountSet& set, const EndRaise& command) {
  check_cap_and_account(set, 0, command.cap);
  if (!set.caps[0].temporary) return not_possible();
  Outcome outcome;
  set.caps[0].temporary.reset();
  put_in_force(set, 0, set.caps[0].limit, outcome);
  return outcome;
}

Outcome reallocate(AccountSet& set, Instant now, const Reallocate& command) {
  check_cap_and_account(set, 0, command.from);
  check_cap_and_account(set, 1, command.to);
  const Account& giver = set.accounts[0];
  const Account& taker = set.accounts[1];
  if (giver.period != taker.period || giver.cycle_start != taker.cycle_start ||
      giver.cycle_end != taker.cycle_end || giver.cap == taker.cap)
    return not_possible();
  if (giver.ended || taker.ended || (command.until && *command.until <= now)) return not_possible();
  if (command.amount <= Nanos{0} || command.amount > giver.remaining()) return not_possible();
  const Nanos giver_limit = giver.limit - command.amount;
  const Nanos taker_limit = taker.limit + command.amount;
  if (!is_a_limit(giver_limit) || !is_a_limit(taker_limit)) return not_possible();
  if (!command.until && set.caps[0].limit < command.amount) return not_possible();

  Outcome outcome;
  if (command.until) {
    set.caps[0].temporary = TemporaryLimit{giver_limit, *command.until};
    set.caps[1].temporary = TemporaryLimit{taker_limit, *command.until};
  } else {
    set.caps[0].limit -= command.amount;
    set.caps[1].limit += command.amount;
    if (set.caps[0].temporary) set.caps[0].temporary->limit = giver_limit;
    if (set.caps[1].temporary) set.caps[1].temporary->limit = taker_limit;
  }
  put_in_force(set, 0, giver_limit, outcome);
  put_in_force(set, 1, taker_limit, outcome);
  return outcome;
}

}  // namespace purser::ledger
