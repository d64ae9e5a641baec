#include "ledger_world.h"

#include <fmt/format.h>

#include <algorithm>

namespace purser::ledger {
namespace {

constexpr std::size_t kKeysOfMembership = 2;
constexpr std::size_t kProjects = 2, kLabels = 2, kTasks = 3;

bool same(const Outcome& a, const Outcome& b) {
  const auto same_transition = [](const Transition& x, const Transition& y) {
    return x.kind == y.kind && x.percent == y.percent && x.account == y.account;
  };
  return a.decision == b.decision && a.amount == b.amount && a.form == b.form &&
         a.overspend == b.overspend && a.refusing == b.refusing && a.binding == b.binding &&
         a.would_refuse == b.would_refuse &&
         std::equal(a.transitions.begin(), a.transitions.end(), b.transitions.begin(),
                    b.transitions.end(), same_transition);
}

std::string text(Wide amount) { return std::to_string(static_cast<std::int64_t>(amount)); }

}  // namespace

LedgerProfile LedgerProfile::from(Choices& choose) {
  LedgerProfile profile;
  profile.workspaces = 1 + choose.index(3);
  profile.teams = 1 + choose.index(4);
  profile.users = 1 + choose.index(6);
  // Small enough that margins round to nothing, and large enough that sums leave 64 bits' comfort.
  constexpr std::int64_t kScales[] = {150, 5'000, kNanosPerUsd / 10, 20 * kNanosPerUsd,
                                      kMaxAmount.count() / 1000};
  profile.scale = kScales[choose.index(std::size(kScales))];
  profile.many_holds = choose.one_in(3);
  profile.few_caps = choose.one_in(5);
  return profile;
}

void Distribution::add(const Distribution& o) {
  for (const auto member :
       {&Distribution::commands, &Distribution::granted, &Distribution::refused,
        &Distribution::lowered_forms, &Distribution::settled, &Distribution::settled_across_cycles,
        &Distribution::lowered, &Distribution::overspent, &Distribution::expired,
        &Distribution::adjusted, &Distribution::raised, &Distribution::reallocated,
        &Distribution::stopped, &Distribution::made, &Distribution::made_in_mid_cycle,
        &Distribution::ended, &Distribution::cycles, &Distribution::alerts,
        &Distribution::above_limit})
    this->*member += o.*member;
  for (std::size_t i = 0; i < decisions.size(); ++i) decisions[i] += o.decisions[i];
}

LedgerWorld::LedgerWorld(const LedgerProfile& profile)
    : profile_(profile), now_{std::chrono::hours(24 * 20'000)} {
  workspaces_.resize(profile.workspaces);
  for (std::size_t i = 0; i < workspaces_.size(); ++i) {
    workspaces_[i].id = scope_of(ScopeKind::workspace, i, 0).id;
    workspaces_[i].calendar = *Calendar::make(workspaces_[i].settings);
  }
  make_scopes();
}

// Every user has a cap, and so have teams and the workspace; other scopes get theirs by commands.
void LedgerWorld::make_scopes() {
  Distribution ignored;
  const auto cap = [&](const Scope& scope, std::size_t w, Period period, Enforcement enforcement,
                       std::int64_t share) {
    make_cap(scope, w, period, enforcement, Nanos{profile_.scale * share}, ignored);
  };
  for (std::size_t w = 0; w < workspaces_.size(); ++w) {
    if (profile_.few_caps) {
      cap(scope_of(ScopeKind::workspace, w, 0), w, Period::year, Enforcement::hard, 40);
      cap(scope_of(ScopeKind::user, w, 0), w, Period::day, Enforcement::watch, 1);
      continue;
    }
    cap(scope_of(ScopeKind::workspace, w, 0), w, Period::month, Enforcement::hard, 6);
    for (std::size_t team = 0; team < profile_.teams; ++team)
      cap(scope_of(ScopeKind::team, w, team), w, Period::week, Enforcement::hard, 2);
    for (std::size_t user = 0; user < profile_.users; ++user) {
      cap(scope_of(ScopeKind::user, w, user), w, Period::day, Enforcement::hard, 1);
      cap(scope_of(ScopeKind::user, w, user), w, Period::day, Enforcement::watch, 1);
    }
  }
}

// The id says which: kind, workspace, and two numbers.
Scope LedgerWorld::scope_of(ScopeKind kind, std::size_t workspace, std::size_t a,
                            std::size_t b) const {
  Scope scope{kind, {}};
  scope.id.bytes[0] = static_cast<std::uint8_t>(workspace + 1);
  scope.id.bytes[13] = static_cast<std::uint8_t>(kind);
  scope.id.bytes[14] = static_cast<std::uint8_t>(a);
  scope.id.bytes[15] = static_cast<std::uint8_t>(b);
  return scope;
}

// Mostly those that every request falls under.
Scope LedgerWorld::choose_scope(Choices& choose, std::size_t w) const {
  const std::size_t team = choose.index(profile_.teams), user = choose.index(profile_.users);
  switch (choose.below(12)) {
    case 0:
      return scope_of(ScopeKind::workspace, w, 0);
    case 1:
    case 2:
      return scope_of(ScopeKind::team, w, team);
    case 3:
      return scope_of(ScopeKind::membership, w, user, team);
    case 4:
      return scope_of(ScopeKind::key, w, user * kKeysOfMembership + choose.index(kKeysOfMembership),
                      team);
    case 5:
      return scope_of(ScopeKind::project, w, choose.index(kProjects));
    case 6:
      return scope_of(ScopeKind::label, w, choose.index(kLabels));
    case 7:
      return scope_of(ScopeKind::task, w, user, choose.index(kTasks));
    default:
      return scope_of(ScopeKind::user, w, user);
  }
}

AccountSet LedgerWorld::load(const std::vector<AccountAt>& accounts) {
  AccountSet set;
  for (const AccountAt& where : accounts) set.accounts.push_back(at(where).real);
  return set;
}

std::vector<ModelAccount*> LedgerWorld::models(const std::vector<AccountAt>& accounts) {
  std::vector<ModelAccount*> found;
  found.reserve(accounts.size());
  for (const AccountAt& where : accounts) found.push_back(&at(where).model);
  return found;
}

// The ledger decides twice, on copies: a replay that decided otherwise would make two stores of one
// log (I3 rests on it).
Outcome LedgerWorld::run(AccountSet& set, const Command& command) {
  AccountSet again = set;
  const Outcome outcome = apply(set, now_, command);
  const Outcome replayed = apply(again, now_, command);
  if (!same(outcome, replayed) || !std::equal(set.accounts.begin(), set.accounts.end(),
                                              again.accounts.begin(), again.accounts.end()))
    problem_in_run_ = "I3: the same command on the same accounts decided otherwise";
  note(command.index());
  note(static_cast<std::uint64_t>(outcome.decision));
  note(static_cast<std::uint64_t>(outcome.amount.count()));
  return outcome;
}

// The accounts after a command, against the model's.
std::string LedgerWorld::put_back(const AccountSet& set, const std::vector<AccountAt>& accounts,
                                  const Outcome& outcome, const ModelAlerts& expected,
                                  bool exception, Distribution* seen) {
  if (!problem_in_run_.empty()) return problem_in_run_;
  ModelAlerts told;
  for (const Transition& transition : outcome.transitions) {
    if (transition.kind == Transition::Kind::overspend) continue;
    const std::size_t index = transition.account;
    const bool is_end = transition.kind == Transition::Kind::pause_ended;
    const int percent = is_end ? kPauseEnded : transition.percent;
    if (!told.emplace(index, percent).second) return "I5: an alert twice at once";
    const Account& account = set.accounts[index];
    // A pause's end belongs to the version in which it began to be the limit's.
    const std::uint32_t version = account.limit_version - (is_end && !account.ended ? 1 : 0);
    if (!alerts_.emplace(accounts[index].cap, accounts[index].cycle, percent, version).second)
      return "I5: a second alert for the same cap, cycle, threshold and limit version";
    if (seen != nullptr) ++seen->alerts;
  }
  if (told != expected) return "I5: the alerts are not those that the books ask for";
  for (std::size_t i = 0; i < accounts.size(); ++i) {
    AccountPair& pair = at(accounts[i]);
    pair.real = set.accounts[i];
    ModelAccount& model = pair.model;
    const bool above = model.room() < 0;
    model.excused = above && (model.excused || exception);
    if (above && seen != nullptr) ++seen->above_limit;
    if (std::string problem = check_account(pair); !problem.empty()) return problem;
  }
  return {};
}

std::string LedgerWorld::check_account(const AccountPair& pair) const {
  const auto& [real, model] = pair;
  const std::string where =
      fmt::format(" ({} cap, limit {}, spent {}, held {})", name(real.scope.kind),
                  text(real.limit.count()), text(real.spent.count()), text(real.held.count()));
  if (real.enforcement == Enforcement::hard &&
      real.spent.count() + Wide{real.held.count()} > real.limit.count() && !model.excused)
    return "I1: above its limit, and nothing was booked that says why" + where;
  if (real.spent.count() != model.spent)
    return "I4: spent is not the sum of usage, " + text(model.spent) + where;
  if (real.held.count() != model.held)
    return "I4: held is not the sum of open holds, " + text(model.held) + where;
  if (real.limit.count() != model.limit)
    return "the limit in force is " + text(model.limit) + where;
  const auto crossed = real.crossed.percents();
  const std::set<int> recorded(crossed.begin(), crossed.end());
  if (real.limit_version != model.version || recorded != model.recorded)
    return "I5: the limit version or what was recorded for it is off" + where;
  return {};
}

bool LedgerWorld::counts_in(const Request& request, const CapState& cap,
                            const Account& account) const {
  return account.cycle_start <= request.at && request.at < account.cycle_end &&
         (cap.ended_at == 0 || request.command < cap.ended_at);
}

// I4 and I2 from nothing but the list of requests, as an auditor would.
std::string LedgerWorld::sum_again() {
  std::vector<std::vector<std::pair<Wide, Wide>>> sums(caps_.size());
  for (std::size_t i = 0; i < caps_.size(); ++i) sums[i].resize(caps_[i].cycles.size());
  std::size_t open = 0;
  for (const Request& request : requests_) {
    open += request.open ? 1 : 0;
    for (const Scope& scope : request.scopes)
      for (const std::size_t cap : scopes_[scope].caps)
        for (std::size_t cycle = 0; cycle < caps_[cap].cycles.size(); ++cycle) {
          if (!counts_in(request, caps_[cap], caps_[cap].cycles[cycle].real)) continue;
          sums[cap][cycle].first += request.open ? 0 : request.cost.count();
          sums[cap][cycle].second += request.open ? request.amount.count() : 0;
        }
  }
  if (open != open_.size()) return "I2: holds and usages are not what was granted";
  for (std::size_t cap = 0; cap < caps_.size(); ++cap)
    for (std::size_t cycle = 0; cycle < caps_[cap].cycles.size(); ++cycle) {
      const Account& real = caps_[cap].cycles[cycle].real;
      if (real.spent.count() != sums[cap][cycle].first)
        return "I4: spent " + text(real.spent.count()) + " where the usages of the cycle sum to " +
               text(sums[cap][cycle].first);
      if (real.held.count() != sums[cap][cycle].second)
        return "I4: held " + text(real.held.count()) +
               " where the open holds of the cycle sum to " + text(sums[cap][cycle].second);
    }
  return {};
}

std::string LedgerWorld::step(std::uint64_t command, Distribution& seen) {
  constexpr std::uint64_t kCommandsBetweenSums = 512;
  ++seen.commands;
  ++command_;
  Choices choose(command);
  const auto kind = choose.below(100);
  std::string problem;
  if (kind < 33)
    problem = reserve(choose, seen);
  else if (kind < 52)
    problem = settle(choose, seen);
  else if (kind < 73)
    problem = set_cap(choose, seen);
  else if (kind < 75)
    problem = end_cap(choose, seen);
  else if (kind < 79)
    problem = raise(choose, seen);
  else if (kind < 82)
    problem = reallocate(choose, seen);
  else if (kind < 85)
    problem = adjust(choose, seen);
  else if (kind < 88)
    problem = stop_or_resume(choose, seen);
  else
    pass_time(choose);
  if (problem.empty() && choose.one_in(400)) problem = change_calendar(choose);
  if (problem.empty() && command_ % kCommandsBetweenSums == 0) problem = sum_again();
  return problem;
}

std::string LedgerWorld::finish(Distribution& seen) {
  while (!open_.empty()) {
    const Nanos cost = requests_[open_.back()].amount;
    if (auto problem = settle_one(open_.size() - 1, cost, false, seen); !problem.empty())
      return problem;
  }
  for (const CapState& cap : caps_)
    for (const AccountPair& pair : cap.cycles)
      if (pair.real.held != Nanos{0}) return "I9: a hold leaked";
  for (const Request& request : requests_)
    if (request.open) return "I2: a granted request has no usage";
  return sum_again();
}

}  // namespace purser::ledger
