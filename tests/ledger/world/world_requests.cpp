// Reserves, and how they end.
#include <fmt/format.h>

#include <algorithm>

#include "ledger_world.h"

namespace purser::ledger {

// Bounds at random, often aimed at exactly what is left, with or without the holds, and a nano
// beside it.
void LedgerWorld::choose_forms(Choices& choose, const std::vector<AccountAt>& accounts,
                               Reserve& command) {
  std::int64_t bound = choose.below(profile_.scale / 6 + 1);
  if (choose.one_in(8) && !accounts.empty()) {
    const Account& account = at(accounts[choose.index(accounts.size())]).real;
    Nanos left = choose.one_in(2) ? account.remaining() : account.limit - account.spent;
    if (choose.one_in(3)) left = left - pause_margin(account.limit);
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
  command.free = choose.one_in(30);
  command.allow_uncapped = choose.one_in(8);
}

std::string LedgerWorld::reserve(Choices& choose, Distribution& seen) {
  const std::size_t w = choose.index(workspaces_.size());
  const std::size_t team = choose.index(profile_.teams), user = choose.index(profile_.users);
  Reserve command;
  command.scopes = {scope_of(ScopeKind::workspace, w, 0), scope_of(ScopeKind::team, w, team),
                    scope_of(ScopeKind::user, w, user),
                    scope_of(ScopeKind::membership, w, user, team),
                    scope_of(ScopeKind::key, w, user * 2 + choose.index(2), team)};
  if (choose.one_in(2)) command.scopes.push_back(scope_of(ScopeKind::project, w, choose.index(2)));
  if (choose.one_in(3)) command.scopes.push_back(scope_of(ScopeKind::label, w, choose.index(2)));
  if (choose.one_in(3))
    command.scopes.push_back(scope_of(ScopeKind::task, w, user, choose.index(3)));

  std::vector<AccountAt> accounts;
  AccountSet set;
  bool stopped = false;
  for (const Scope& scope : command.scopes) {
    if (auto problem = bring_up_to_date(scope, seen); !problem.empty()) return problem;
    const ScopeEntry& entry = scopes_[scope];
    for (const std::size_t cap : entry.open_caps) {
      accounts.push_back(latest_of(cap));
      set.accounts.push_back(at(accounts.back()).real);
    }
    set.scopes.push_back(
        {scope, entry.stopped, static_cast<std::uint32_t>(entry.open_caps.size())});
    stopped |= entry.stopped;
  }
  choose_forms(choose, accounts, command);
  last_ = fmt::format("reserve: forms from {} to {}, smallest {}, share 1/{}, {} accounts",
                      command.forms.front().count(), command.forms.back().count(),
                      command.smallest.count(), command.share_divisor, accounts.size());

  const AccountSet before = set;
  const Outcome outcome = run(set, command);
  const ModelDecision expected = model_reserve(models(accounts), stopped, command);
  ++seen.decisions[static_cast<std::size_t>(outcome.decision)];
  if (outcome.decision != expected.decision)
    return fmt::format("I9: {} where the balances say {}", name(outcome.decision),
                       name(expected.decision));
  if (outcome.refusing != expected.refusing || outcome.would_refuse != expected.would_refuse)
    return "I9: other caps refuse than the balances say";
  if (outcome.refusing != 0)
    for (std::size_t i = 0; i < accounts.size(); ++i)
      if ((outcome.refusing & (1u << i)) != 0 &&
          before.accounts[i].remaining() < before.accounts[outcome.binding].remaining())
        return "the binding cap is not the one with the least remaining";
  if (expected.decision == Decision::granted || outcome.refusing != 0)
    if (outcome.amount.count() != expected.amount) return "the amount is not what fits";
  if (outcome.decision == Decision::granted) {
    ++seen.granted;
    if (outcome.amount < command.forms.front()) ++seen.lowered_forms;
    Request request;
    request.id.bytes[0] = 1;
    for (std::size_t i = 0; i < 8; ++i)
      request.id.bytes[8 + i] = static_cast<std::uint8_t>(command_ >> (56 - 8 * i));
    request.workspace = w;
    request.scopes.assign(command.scopes.begin(), command.scopes.end());
    request.at = now_;
    request.command = command_;
    request.amount = outcome.amount;
    request.accounts = accounts;
    open_.push_back(requests_.size());
    requests_.push_back(std::move(request));
  } else {
    ++seen.refused;
  }
  return put_back(set, accounts, outcome, expected.alerts, false, &seen);
}

std::string LedgerWorld::settle_one(std::size_t open_index, Nanos cost, bool expire,
                                    Distribution& seen) {
  Request& request = requests_[open_[open_index]];
  open_.erase(open_.begin() + static_cast<std::ptrdiff_t>(open_index));
  AccountSet set = load(request.accounts);
  set.hold = request.amount;
  ++seen.settled;
  if (expire) ++seen.expired;
  const bool across =
      std::any_of(request.accounts.begin(), request.accounts.end(),
                  [&](const AccountAt& where) { return at(where).real.cycle_end <= now_; });
  if (across) ++seen.settled_across_cycles;
  request.cost = expire ? request.amount : cost;
  request.open = false;
  last_ = fmt::format("{}: hold {}, cost {}", expire ? "expire" : "settle", request.amount.count(),
                      request.cost.count());
  const Outcome outcome =
      run(set, expire ? Command{Expire{request.id}} : Command{Settle{request.id, cost}});
  if (outcome.decision != Decision::granted) return "a settle was not taken";
  if (outcome.amount != request.cost) return "I2: a settle added something else to spent";
  const Wide above = std::max<Wide>(0, Wide{request.cost.count()} - request.amount.count());
  if (outcome.overspend.count() != above || set.model_overspent != (above > 0))
    return "I1: an overspend was not told";
  if (above > 0) ++seen.overspent;
  const ModelAlerts alerts =
      model_settle(models(request.accounts), request.amount.count(), request.cost.count());
  return put_back(set, request.accounts, outcome, alerts, above > 0, &seen);
}

std::string LedgerWorld::settle(Choices& choose, Distribution& seen) {
  if (open_.empty() || (profile_.many_holds && choose.one_in(2) && open_.size() < 64)) return {};
  const std::size_t index = choose.index(open_.size());
  const std::int64_t hold = requests_[open_[index]].amount.count();
  Nanos cost{choose.below(hold + 1)};
  if (choose.one_in(3)) cost = Nanos{hold};
  if (choose.one_in(10)) cost = Nanos{0};
  if (choose.one_in(30)) cost = Nanos{hold + choose.below(profile_.scale)};
  return settle_one(index, cost, choose.one_in(8), seen);
}

// Into every account whose balance has the usage in it, in sets of what the ledger takes at once.
std::string LedgerWorld::adjust(Choices& choose, Distribution& seen) {
  if (requests_.empty()) return {};
  Request& request = requests_[choose.index(requests_.size())];
  if (request.open) return {};
  const Nanos exact{choose.one_in(4) ? 0 : choose.below(profile_.scale / 4 + 1)};
  const Nanos delta = exact - request.cost;
  request.cost = exact;
  ++seen.adjusted;
  last_ = fmt::format("adjust: by {}", delta.count());
  std::vector<AccountAt> all;
  for (const Scope& scope : request.scopes)
    for (const std::size_t cap : scopes_[scope].caps)
      for (std::size_t cycle = 0; cycle < caps_[cap].cycles.size(); ++cycle)
        if (counts_in(request, caps_[cap], caps_[cap].cycles[cycle].real))
          all.push_back({cap, cycle});
  for (std::size_t first = 0; first < all.size(); first += kMaxAccounts) {
    const auto begin = all.begin() + static_cast<std::ptrdiff_t>(first);
    const std::vector<AccountAt> part(
        begin, begin + static_cast<std::ptrdiff_t>(std::min(kMaxAccounts, all.size() - first)));
    AccountSet set = load(part);
    const Outcome outcome = run(set, Adjust{{}, delta});
    if (outcome.amount != delta) return "an adjustment added something else to spent";
    const ModelAlerts alerts = model_settle(models(part), 0, delta.count());
    if (auto problem = put_back(set, part, outcome, alerts, delta > Nanos{0}, &seen);
        !problem.empty())
      return problem;
  }
  return {};
}

}  // namespace purser::ledger
