#include "ledger_world.h"

#include <algorithm>

namespace purser::ledger {
namespace {

Id id_of(std::uint8_t number) {
  Id id;
  id.bytes[15] = number;
  return id;
}

constexpr Duration kCycle = std::chrono::hours(24);
constexpr std::int64_t kDollar = kNanosPerUsd;

}  // namespace

std::uint64_t Choices::next() {
  // SplitMix64.
  std::uint64_t z = (state_ += 0x9e3779b97f4a7c15);
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
  z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
  return z ^ (z >> 31);
}

LedgerWorld::LedgerWorld() : now_{std::chrono::hours(24 * 20'000)} {
  scopes_ = {{ScopeKind::workspace, id_of(1)},
             {ScopeKind::team, id_of(2)},
             {ScopeKind::team, id_of(3)},
             {ScopeKind::user, id_of(4)},
             {ScopeKind::user, id_of(5)}};
  std::uint8_t number = 100;
  for (const Scope& scope : scopes_)
    for (const Enforcement enforcement : {Enforcement::hard, Enforcement::watch}) {
      Cap cap;
      cap.id = id_of(number++);
      cap.scope = scope;
      cap.period = Period::day;
      cap.enforcement = enforcement;
      cap.limit = Nanos{20 * kDollar};
      caps_.push_back(cap);
    }
  Choices choose(1);
  pass_time(choose);
}

// Opens the cycle that contains now, for each cap.
void LedgerWorld::pass_time(Choices& choose) {
  now_ += std::chrono::hours(choose.below(20));
  const Instant start{now_.time_since_epoch() / kCycle * kCycle};
  for (Cap& cap : caps_) {
    if (current_[cap.id] == start) continue;
    current_[cap.id] = start;
    Account account;
    account.cap = cap.id;
    account.scope = cap.scope;
    account.period = cap.period;
    account.enforcement = cap.enforcement;
    account.cycle_start = start;
    account.cycle_end = start + kCycle;
    account.limit = cap.limit_at(now_);
    account.limit_version = cap.limit_version;
    accounts_[{cap.id, start}] = account;
    model_[{cap.id, start}] = {};
  }
}

AccountSet LedgerWorld::load_caps(std::vector<std::size_t> indices) const {
  AccountSet set;
  for (const std::size_t index : indices) {
    set.caps.push_back(caps_[index]);
    set.accounts.push_back(accounts_.at({caps_[index].id, current_.at(caps_[index].id)}));
  }
  return set;
}

std::string LedgerWorld::put_back(const AccountSet& set, const Outcome& outcome, bool exception) {
  for (const Account& account : set.accounts) {
    const Key key{account.cap, account.cycle_start};
    accounts_[key] = account;
    Model& model = model_[key];
    const bool above = model.spent + model.held > account.limit.count();
    model.may_be_above = above && (model.may_be_above || exception);
    // I1
    if (account.enforcement == Enforcement::hard && above && !model.may_be_above)
      return "I1: above its limit, and nothing was booked that says why";
  }
  for (const Cap& cap : set.caps)
    *std::find_if(caps_.begin(), caps_.end(), [&](const Cap& c) { return c.id == cap.id; }) = cap;
  // I5
  for (const Transition& transition : outcome.transitions) {
    if (transition.kind != Transition::Kind::threshold) continue;
    const Account& account = set.accounts[transition.account];
    if (!alerts_
             .emplace(account.cap, account.cycle_start, percent(transition.threshold),
                      account.limit_version)
             .second)
      return "I5: a second alert for the same cap, cycle, threshold and limit version";
  }
  return check_balances();
}

// I4
std::string LedgerWorld::check_balances() const {
  for (const auto& [key, account] : accounts_) {
    const Model& model = model_.at(key);
    if (account.spent.count() != model.spent) return "I4: spent differs from the sum of usage";
    if (account.held.count() != model.held) return "I4: held differs from the sum of open holds";
  }
  return {};
}

std::string LedgerWorld::reserve(Choices& choose, Distribution& seen) {
  Reserve command;
  AccountSet set;
  const Scope team = scopes_[static_cast<std::size_t>(1 + choose.below(2))];
  const Scope user = scopes_[static_cast<std::size_t>(3 + choose.below(2))];
  std::vector<Key> keys;
  for (const Scope& scope : {scopes_[0], team, user}) {
    command.scopes.push_back(scope);
    std::uint32_t open_caps = 0;
    for (const Cap& cap : caps_) {
      if (cap.scope != scope || cap.ended) continue;
      ++open_caps;
      keys.push_back({cap.id, current_.at(cap.id)});
      set.accounts.push_back(accounts_.at(keys.back()));
    }
    set.scopes.push_back({scope, stopped_[scope], open_caps});
  }
  std::int64_t bound = choose.below(6 * kDollar);
  if (choose.one_in(6) && !set.accounts.empty()) {
    // Exactly what is left, with or without the holds, and a nano beside it.
    const Account& account = set.accounts[static_cast<std::size_t>(
        choose.below(static_cast<std::int64_t>(set.accounts.size())))];
    const Nanos left = choose.one_in(2) ? account.remaining() : account.limit - account.spent;
    bound = std::max<std::int64_t>(0, left.count() + choose.below(3) - 1);
  }
  const auto forms = 1 + choose.below(4);
  for (std::int64_t i = 0; i < forms; ++i) {
    command.forms.push_back(Nanos{bound});
    bound -= choose.below(bound + 1) / 2;
  }
  const std::int64_t last = command.forms.back().count();
  command.smallest = choose.one_in(3) ? Nanos{last} : Nanos{choose.below(last + 1)};
  command.share_divisor = 1 + choose.below(10);

  const AccountSet before = set;
  const Outcome outcome = apply(set, now_, command);
  if (outcome.decision == Decision::granted) {
    ++seen.granted;
    for (const Key& key : keys) model_[key].held += outcome.amount.count();
    holds_.push_back({outcome.amount, keys});
  } else {
    ++seen.refused;
  }
  std::string problem = check_reserve(before, set, command, outcome);
  return problem.empty() ? put_back(set, outcome, false) : problem;
}

// I9, and what a grant is made of, decided again from the balances alone.
std::string LedgerWorld::check_reserve(const AccountSet& before, const AccountSet& after,
                                       const Reserve& command, const Outcome& outcome) {
  const bool stopped = std::any_of(before.scopes.begin(), before.scopes.end(),
                                   [](const ScopeState& scope) { return scope.stopped; });
  if (stopped != (outcome.decision == Decision::stopped)) return "a stop was not heeded";
  if (stopped) return {};
  bool paused = false, short_of_room = false, short_after_settles = false, none = true;
  Wide most = command.forms.front().count();
  for (const Account& account : before.accounts) {
    if (account.enforcement != Enforcement::hard) continue;
    none = false;
    const Wide limit = account.limit.count();
    const Wide margin = std::min<Wide>(kDollar / 20, limit / 200);
    const Wide room = limit - account.spent.count() - account.held.count();
    paused |= account.spent.count() >= limit - margin;
    short_of_room |= room < command.smallest.count();
    short_after_settles |= limit - account.spent.count() < command.smallest.count();
    most = std::min(most, std::min(room, std::max<Wide>(command.smallest.count(),
                                                        room / command.share_divisor)));
  }
  if (none) return outcome.decision == Decision::no_cap ? "" : "granted without a hard cap";
  const Decision expected = paused                ? Decision::paused
                            : short_after_settles ? Decision::does_not_fit
                            : short_of_room       ? Decision::holds_in_the_way
                                                  : Decision::granted;
  if (outcome.decision != expected)
    return "I9: " + std::string(name(outcome.decision)) + " where the balances say " +
           std::string(name(expected));
  if (expected != Decision::granted) {
    for (std::size_t i = 0; i < before.accounts.size(); ++i)
      if (before.accounts[i].spent != after.accounts[i].spent ||
          before.accounts[i].held != after.accounts[i].held)
        return "a refusal changed a balance";
    return {};
  }
  // The first form that fits, else all that is allowed.
  Wide amount = most;
  for (auto form = command.forms.rbegin(); form != command.forms.rend(); ++form)
    if (form->count() <= most) amount = form->count();
  if (outcome.amount.count() != amount) return "the hold is not what fits";
  return {};
}

std::string LedgerWorld::settle_one(std::size_t index, Nanos cost, bool expire,
                                    Distribution& seen) {
  const Hold hold = holds_[index];
  holds_.erase(holds_.begin() + static_cast<std::ptrdiff_t>(index));
  AccountSet set;
  set.hold = hold.amount;
  for (const Key& key : hold.accounts) set.accounts.push_back(accounts_.at(key));
  ++seen.settled;
  if (hold.accounts.front().second != current_.at(hold.accounts.front().first))
    ++seen.settled_across_cycles;
  const Outcome outcome = expire ? apply(set, now_, Expire{}) : apply(set, now_, Settle{{}, cost});
  const Nanos spent = expire ? hold.amount : cost;
  if (outcome.amount != spent) return "a settle added something else to spent";
  const Nanos above = std::max(Nanos{0}, spent - hold.amount);
  if (outcome.overspend != above) return "an overspend was not told";
  if (above > Nanos{0}) ++seen.overspent;
  for (const Key& key : hold.accounts) {
    model_[key].held -= hold.amount.count();
    model_[key].spent += spent.count();
  }
  usages_.push_back({hold.accounts, spent});
  return put_back(set, outcome, above > Nanos{0});
}

std::string LedgerWorld::settle(Choices& choose, Distribution& seen) {
  if (holds_.empty()) return {};
  const auto index =
      static_cast<std::size_t>(choose.below(static_cast<std::int64_t>(holds_.size())));
  const std::int64_t hold = holds_[index].amount.count();
  const bool lies = choose.one_in(30);
  const Nanos cost{lies ? hold + choose.below(kDollar) : choose.below(hold + 1)};
  return settle_one(index, choose.one_in(5) ? Nanos{hold} : cost, choose.one_in(8), seen);
}

std::string LedgerWorld::change_cap(Choices& choose, Distribution& seen) {
  const auto index =
      static_cast<std::size_t>(choose.below(static_cast<std::int64_t>(caps_.size())));
  AccountSet set = load_caps({index});
  const Nanos limit{choose.one_in(20) ? 0 : choose.below(40 * kDollar)};
  if (limit < set.accounts[0].limit) ++seen.lowered;
  const Outcome outcome = apply(set, now_, SetCap{caps_[index].id, limit});
  if (outcome.decision != Decision::granted || set.accounts[0].limit != limit)
    return "a limit was not set";
  return put_back(set, outcome, true);
}

std::string LedgerWorld::raise(Choices& choose) {
  const auto index =
      static_cast<std::size_t>(choose.below(static_cast<std::int64_t>(caps_.size())));
  AccountSet set = load_caps({index});
  if (choose.one_in(2)) {
    const Outcome outcome = apply(set, now_, EndRaise{caps_[index].id});
    return put_back(set, outcome, true);
  }
  const Nanos limit{choose.below(50 * kDollar)};
  const bool lifts = limit > set.accounts[0].limit;
  std::optional<Instant> until;
  if (choose.one_in(2)) until = now_ + std::chrono::hours(choose.below(48));
  const bool over = until && *until <= now_;
  const Outcome outcome = apply(set, now_, Raise{caps_[index].id, limit, until});
  if ((outcome.decision == Decision::granted) != (lifts && !over)) return "a raise that is none";
  return put_back(set, outcome, false);
}

std::string LedgerWorld::reallocate(Choices& choose) {
  const auto from = static_cast<std::size_t>(choose.below(static_cast<std::int64_t>(caps_.size())));
  const auto to = static_cast<std::size_t>(choose.below(static_cast<std::int64_t>(caps_.size())));
  if (from == to) return {};
  AccountSet set = load_caps({from, to});
  const Wide limits =
      static_cast<Wide>(set.accounts[0].limit.count()) + set.accounts[1].limit.count();
  std::optional<Instant> until;
  if (choose.one_in(2)) until = now_ + std::chrono::hours(5);
  const Outcome outcome = apply(
      set, now_, Reallocate{caps_[from].id, caps_[to].id, Nanos{choose.below(9 * kDollar)}, until});
  if (static_cast<Wide>(set.accounts[0].limit.count()) + set.accounts[1].limit.count() != limits)
    return "a reallocation made or lost limit";
  return put_back(set, outcome, false);
}

std::string LedgerWorld::adjust(Choices& choose) {
  if (usages_.empty()) return {};
  auto& [keys, cost] =
      usages_[static_cast<std::size_t>(choose.below(static_cast<std::int64_t>(usages_.size())))];
  const Nanos exact{choose.below(3 * kDollar)};
  const Nanos delta = exact - cost;
  cost = exact;
  AccountSet set;
  for (const Key& key : keys) {
    set.accounts.push_back(accounts_.at(key));
    model_[key].spent += delta.count();
  }
  const Outcome outcome = apply(set, now_, Adjust{{}, delta});
  return put_back(set, outcome, true);
}

std::string LedgerWorld::stop_or_resume(Choices& choose) {
  const Scope scope = scopes_[static_cast<std::size_t>(choose.below(5))];
  AccountSet set;
  set.scopes.push_back({scope, stopped_[scope], 0});
  // Mostly resumed: a sequence in which all is stopped shows little.
  const bool stop = choose.one_in(4);
  apply(set, now_, stop ? Command{Stop{scope}} : Command{Resume{scope}});
  if (set.scopes[0].stopped != stop) return "a stop or its end was lost";
  stopped_[scope] = stop;
  return {};
}

std::string LedgerWorld::step(std::uint64_t command, Distribution& seen) {
  ++seen.commands;
  Choices choose(command);
  const auto kind = choose.below(100);
  if (kind < 38) return reserve(choose, seen);
  if (kind < 64) return settle(choose, seen);
  if (kind < 78) return change_cap(choose, seen);
  if (kind < 82) return raise(choose);
  if (kind < 85) return reallocate(choose);
  if (kind < 88) return adjust(choose);
  if (kind < 90) return stop_or_resume(choose);
  pass_time(choose);
  return {};
}

std::string LedgerWorld::settle_everything(Distribution& seen) {
  while (!holds_.empty())
    if (auto problem = settle_one(holds_.size() - 1, holds_.back().amount, false, seen);
        !problem.empty())
      return problem;
  for (const auto& [key, account] : accounts_)
    if (account.held != Nanos{0}) return "I9: a hold leaked";
  return {};
}

}  // namespace purser::ledger
