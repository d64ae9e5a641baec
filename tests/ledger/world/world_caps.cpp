// Caps: made, changed, raised, moved, ended; scopes stopped and resumed.
#include <fmt/format.h>

#include <algorithm>

#include "ledger_world.h"

namespace purser::ledger {
namespace {

constexpr std::initializer_list<int> kThresholdSets[] = {
    {50, 80, 100}, {100}, {20, 60, 95, 100}, {5, 10, 15, 20, 25, 100}};

}  // namespace

// An open cap, brought up to date.
std::optional<std::size_t> LedgerWorld::choose_cap(Choices& choose) {
  const std::size_t w = choose.index(workspaces_.size());
  for (int tries = 0; tries < 6; ++tries) {
    const auto entry = scopes_.find(choose_scope(choose, w));
    if (entry == scopes_.end() || entry->second.open_caps.empty()) continue;
    return entry->second.open_caps[choose.index(entry->second.open_caps.size())];
  }
  return std::nullopt;
}

// Any command that puts one limit in force, or is not possible.
std::string LedgerWorld::change_limit(std::size_t index, const Command& command, Wide limit,
                                      bool possible) {
  CapState& state = caps_[index];
  const std::vector<AccountAt> accounts{latest_of(index)};
  AccountSet set = load(accounts);
  set.caps.push_back(state.cap);
  const Outcome outcome = run(set, command);
  if ((outcome.decision == Decision::granted) != possible)
    return fmt::format("{}: {} where it {} possible", name(command), name(outcome.decision),
                       possible ? "is" : "is not");
  ModelAlerts alerts;
  if (possible) {
    alerts = model_set_limit(state.latest().model, 0, limit);
    if (set.caps[0].limit_version != state.latest().model.version ||
        set.caps[0].limit.count() != state.limit ||
        set.caps[0].temporary.has_value() != state.temporary.has_value())
      return "a cap is not what the command made of it";
  } else if (set.caps[0] != state.cap || set.accounts[0] != state.latest().real) {
    return "what was not possible has changed something";
  }
  state.cap = set.caps[0];
  return put_back(set, accounts, outcome, alerts, true, nullptr);
}

// In mid-cycle it takes its spent and held from the books (I4), and joins the open holds' lists.
std::string LedgerWorld::make_cap(const Scope& scope, std::size_t workspace, Period period,
                                  Enforcement enforcement, Nanos limit, Distribution& seen) {
  const std::size_t index = caps_.size();
  CapState& state = caps_.emplace_back();
  state.workspace = workspace;
  Cap& cap = state.cap;
  cap.id.bytes[0] = 2;
  cap.id.bytes[14] = static_cast<std::uint8_t>(index >> 8);
  cap.id.bytes[15] = static_cast<std::uint8_t>(index);
  cap.scope = scope;
  cap.period = period;
  cap.enforcement = enforcement;
  cap.limit = limit;
  cap.limit_version = 0;
  const auto& thresholds = kThresholdSets[index % std::size(kThresholdSets)];
  cap.thresholds = thresholds_of(thresholds);
  state.limit = limit.count();
  const Cycle cycle = workspaces_[workspace].calendar->cycle_containing(period, now_);
  AccountPair pair;
  pair.real.cap = cap.id;
  pair.real.scope = scope;
  pair.real.period = pair.model.period = period;
  pair.real.enforcement = pair.model.enforcement = enforcement;
  pair.real.cycle_start = cycle.start;
  pair.real.cycle_end = cycle.end;
  pair.real.limit = limit;
  pair.real.limit_version = pair.model.version = 0;
  pair.real.thresholds = cap.thresholds;
  pair.model.thresholds = thresholds;
  for (Request& request : requests_) {
    if (std::find(request.scopes.begin(), request.scopes.end(), scope) == request.scopes.end() ||
        !cycle.contains(request.at))
      continue;
    (request.open ? pair.model.held : pair.model.spent) +=
        (request.open ? request.amount : request.cost).count();
    if (request.open) request.accounts.push_back({index, 0});
  }
  pair.real.spent = Nanos{static_cast<std::int64_t>(pair.model.spent)};
  pair.real.held = Nanos{static_cast<std::int64_t>(pair.model.held)};
  if (pair.model.spent + pair.model.held > 0) ++seen.made_in_mid_cycle;
  ++seen.made;
  state.cycles.push_back(pair);
  ScopeEntry& entry = scopes_[scope];
  entry.caps.push_back(index);
  entry.open_caps.push_back(index);
  return change_limit(index, SetCap{cap.id, limit}, limit.count(), true);
}

std::string LedgerWorld::set_cap(Choices& choose, Distribution& seen) {
  const std::size_t w = choose.index(workspaces_.size());
  const Scope scope = choose_scope(choose, w);
  const std::int64_t share = scope.kind == ScopeKind::workspace ? 10
                             : scope.kind == ScopeKind::team    ? 5
                                                                : 2;
  const Nanos limit{choose.one_in(20) ? 0 : choose.below(profile_.scale * share)};
  const auto period =
      scope.kind == ScopeKind::task ? Period::none : static_cast<Period>(choose.below(5));
  const auto enforcement = choose.one_in(4) ? Enforcement::watch : Enforcement::hard;
  last_ = fmt::format("set-cap: {}, a {}, {}, limit {}", name(scope.kind), name(period),
                      name(enforcement), limit.count());
  if (auto problem = bring_up_to_date(scope, seen); !problem.empty()) return problem;
  const ScopeEntry& entry = scopes_[scope];
  std::optional<std::size_t> found;
  for (const std::size_t cap : entry.open_caps)
    if (caps_[cap].cap.period == period && caps_[cap].cap.enforcement == enforcement) found = cap;
  // Most caps are changed, not made, or every scope would soon be full.
  if (!found && !entry.open_caps.empty() && !choose.one_in(4))
    found = entry.open_caps[choose.index(entry.open_caps.size())];
  if (!found) {
    if (entry.open_caps.size() >= kMaxCapsOfScope) return {};
    return make_cap(scope, w, period, enforcement, limit, seen);
  }
  CapState& state = caps_[*found];
  if (limit.count() < state.latest().model.limit) ++seen.lowered;
  if (choose.one_in(50)) {
    const Nanos none{choose.one_in(2) ? -1 : kMaxAmount.count() + 1};
    return change_limit(*found, SetCap{state.cap.id, none}, 0, false);
  }
  state.limit = limit.count();
  state.temporary.reset();
  return change_limit(*found, SetCap{state.cap.id, limit}, limit.count(), true);
}

std::string LedgerWorld::end_cap(Choices& choose, Distribution& seen) {
  const auto index = choose_cap(choose);
  if (!index) return {};
  // Mostly the last one stays: a world without caps shows little.
  if (scopes_[caps_[*index].cap.scope].open_caps.size() < 2 && !choose.one_in(4)) return {};
  if (auto problem = bring_up_to_date(caps_[*index].cap.scope, seen); !problem.empty())
    return problem;
  CapState& state = caps_[*index];
  last_ = "end-cap";
  const std::vector<AccountAt> accounts{latest_of(*index)};
  AccountSet set = load(accounts);
  set.caps.push_back(state.cap);
  const Outcome outcome = run(set, EndCap{state.cap.id});
  if (outcome.decision != Decision::granted || !set.caps[0].ended || !set.accounts[0].ended)
    return "a cap was not ended";
  ++seen.ended;
  state.cap = set.caps[0];
  state.ended_at = command_;
  std::erase(scopes_[state.cap.scope].open_caps, *index);
  ModelAlerts alerts;
  const ModelAccount& model = state.latest().model;
  if (model.recorded.contains(100) && model.enforcement == Enforcement::hard)
    alerts.emplace(0, kPauseEnded);
  return put_back(set, accounts, outcome, alerts, false, &seen);
}

std::string LedgerWorld::raise(Choices& choose, Distribution& seen) {
  const auto index = choose_cap(choose);
  if (!index) return {};
  if (auto problem = bring_up_to_date(caps_[*index].cap.scope, seen); !problem.empty())
    return problem;
  CapState& state = caps_[*index];
  if (choose.one_in(3)) {
    last_ = "end-raise";
    const bool possible = state.temporary.has_value();
    state.temporary.reset();
    return change_limit(*index, EndRaise{state.cap.id}, state.limit, possible);
  }
  const Wide in_force = state.latest().model.limit;
  const bool again = state.temporary && choose.one_in(2);
  const Nanos limit{again ? static_cast<std::int64_t>(in_force) : choose.below(profile_.scale * 3)};
  std::optional<Instant> until;
  if (choose.one_in(2)) until = now_ + std::chrono::hours(choose.below(48));
  const bool prolongs = state.temporary && limit.count() == in_force && in_force > state.limit &&
                        (!until || *until > state.temporary->second);
  const bool possible = (limit.count() > in_force || prolongs) && (!until || *until > now_);
  last_ = fmt::format("raise: to {}{}", limit.count(), until ? " for a time" : "");
  if (possible && until) state.temporary = {limit.count(), *until};
  if (possible && !until) {
    state.limit = limit.count();
    state.temporary.reset();
  }
  if (possible) ++seen.raised;
  return change_limit(*index, Raise{state.cap.id, limit, until}, limit.count(), possible);
}

std::string LedgerWorld::reallocate(Choices& choose, Distribution& seen) {
  const auto from = choose_cap(choose), to = choose_cap(choose);
  if (!from || !to || *from == *to) return {};
  for (const auto& index : {from, to})
    if (auto problem = bring_up_to_date(caps_[*index].cap.scope, seen); !problem.empty())
      return problem;
  CapState& giver = caps_[*from];
  CapState& taker = caps_[*to];
  const std::vector<AccountAt> accounts{latest_of(*from), latest_of(*to)};
  AccountSet set = load(accounts);
  set.caps = {giver.cap, taker.cap};
  std::optional<Instant> until;
  if (choose.one_in(2)) until = now_ + std::chrono::hours(choose.below(20));
  std::int64_t amount = choose.below(profile_.scale / 2 + 1);
  if (choose.one_in(4)) amount = set.accounts[0].remaining().count() + choose.below(3) - 1;
  ModelAccount& gives = giver.latest().model;
  ModelAccount& takes = taker.latest().model;
  const Account &a = set.accounts[0], &b = set.accounts[1];
  const bool possible = gives.period == takes.period && a.cycle_start == b.cycle_start &&
                        a.cycle_end == b.cycle_end && amount > 0 && amount <= gives.room() &&
                        (!until || *until > now_) && (until || giver.limit >= amount);
  last_ = fmt::format("reallocate: {}{}", amount, until ? " for a time" : "");
  const Outcome outcome = run(set, Reallocate{giver.cap.id, taker.cap.id, Nanos{amount}, until});
  if ((outcome.decision == Decision::granted) != possible)
    return "a reallocation was decided otherwise than the balances say";
  ModelAlerts alerts;
  if (possible) {
    ++seen.reallocated;
    alerts = model_set_limit(gives, 0, gives.limit - amount);
    alerts.merge(model_set_limit(takes, 1, takes.limit + amount));
    if (until) {
      giver.temporary = {gives.limit, *until};
      taker.temporary = {takes.limit, *until};
    } else {
      giver.limit -= amount;
      taker.limit += amount;
      if (giver.temporary) giver.temporary->first = gives.limit;
      if (taker.temporary) taker.temporary->first = takes.limit;
    }
  }
  giver.cap = set.caps[0];
  taker.cap = set.caps[1];
  return put_back(set, accounts, outcome, alerts, false, &seen);
}

std::string LedgerWorld::stop_or_resume(Choices& choose, Distribution& seen) {
  Scope scope = choose_scope(choose, choose.index(workspaces_.size()));
  // Mostly resumed: a sequence in which all is stopped shows little.
  const bool stop = stopped_.empty() || choose.one_in(6);
  if (!stop) scope = stopped_[choose.index(stopped_.size())];
  ScopeEntry& entry = scopes_[scope];
  last_ = stop ? "stop" : "resume";
  AccountSet set;
  set.scopes.push_back({scope, entry.stopped, static_cast<std::uint32_t>(entry.open_caps.size())});
  run(set, stop ? Command{Stop{scope}} : Command{Resume{scope}});
  if (set.scopes[0].stopped != stop) return "a stop or its end was lost";
  if (stop) ++seen.stopped;
  std::erase(stopped_, scope);
  if (stop) stopped_.push_back(scope);
  entry.stopped = stop;
  return problem_in_run_;
}

}  // namespace purser::ledger
