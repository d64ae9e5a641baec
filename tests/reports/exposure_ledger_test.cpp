// The figure against a spender that goes through the real ledger: every order of requests that it
// grants, in small organisations whose caps are all monthly. None passes the figure, and one
// reaches it to the nano.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <optional>
#include <set>
#include <vector>

#include "exposure_test_support.h"
#include "purser/ledger/apply.h"

namespace purser::reports {
namespace {

using ledger::ScopeKind;

const Cycle kMonth{utc(2026, 12, 1), utc(2027, 1, 1)};
constexpr std::size_t kTeams = 2, kUsers = 3;

struct Limits {
  Nanos workspace;  // every path is bounded by it
  std::vector<std::optional<Nanos>> teams, users, memberships;
  std::vector<std::pair<std::size_t, std::size_t>> members;  // user and team
};

std::optional<Nanos> some_limit() {
  if (*rc::gen::inRange(0, 4) == 0) return std::nullopt;
  return Nanos{*rc::gen::inRange(0, 4)};
}

Limits some_limits() {
  Limits made;
  made.workspace = Nanos{*rc::gen::inRange(0, 8)};
  for (std::size_t i = 0; i < kTeams; ++i) made.teams.push_back(some_limit());
  for (std::size_t i = 0; i < kUsers; ++i) made.users.push_back(some_limit());
  const auto count = *rc::gen::inRange<std::size_t>(1, 5);
  for (std::size_t i = 0; i < count; ++i) {
    made.members.emplace_back(*rc::gen::inRange<std::size_t>(0, kUsers),
                              *rc::gen::inRange<std::size_t>(0, kTeams));
    made.memberships.push_back(some_limit());
  }
  return made;
}

ExposureInput input_of(const Limits& limits) {
  const auto caps = [](std::optional<Nanos> limit) {
    std::vector<ExposureCap> made;
    if (limit) made.push_back(cap_of(Period::month, *limit));
    return made;
  };
  ExposureInput input;
  input.workspace = {"all", caps(limits.workspace)};
  for (const auto& limit : limits.teams) input.teams.push_back({"team", caps(limit)});
  for (const auto& limit : limits.users) input.users.push_back({"user", caps(limit)});
  for (std::size_t i = 0; i < limits.members.size(); ++i) {
    input.memberships.push_back(member(limits.members[i].first, limits.members[i].second));
    input.memberships.back().hard_caps = caps(limits.memberships[i]);
  }
  return input;
}

// Accounts of all scopes, and requests of one nano that the ledger grants or refuses.
class LedgerSpender {
 public:
  explicit LedgerSpender(const Limits& limits) : limits_(limits) {}

  std::int64_t most() {
    Accounts accounts;
    accounts.push_back(open({ScopeKind::workspace, numbered(0)}, limits_.workspace));
    const auto add = [&](ScopeKind kind, const std::vector<std::optional<Nanos>>& each) {
      for (std::size_t i = 0; i < each.size(); ++i)
        accounts.push_back(open({kind, numbered(i)}, each[i]));
    };
    add(ScopeKind::team, limits_.teams);
    add(ScopeKind::user, limits_.users);
    add(ScopeKind::membership, limits_.memberships);
    spend_on(accounts, std::vector<int>(limits_.members.size()), 0);
    return most_;
  }

 private:
  // A scope without a cap has no account, but is named by the requests all the same.
  struct Place {
    ledger::Scope scope;
    std::optional<ledger::Account> account;
  };
  using Accounts = std::vector<Place>;

  static Id numbered(std::size_t number) {
    Id id;
    id.bytes[0] = 1;
    id.bytes[15] = static_cast<std::uint8_t>(number);
    return id;
  }

  static Place open(const ledger::Scope& scope, std::optional<Nanos> limit) {
    if (!limit) return {scope, std::nullopt};
    ledger::Account account;
    account.cap = scope.id;
    account.cap.bytes[1] = static_cast<std::uint8_t>(1 + static_cast<int>(scope.kind));
    account.scope = scope;
    account.cycle_start = kMonth.start;
    account.cycle_end = kMonth.end;
    account.limit = *limit;
    return {scope, account};
  }

  // A reserve and its settle; false where the ledger refuses.
  bool spend(Accounts& accounts, std::size_t member) const {
    const auto [user, team] = limits_.members[member];
    const std::size_t path[] = {0, 1 + team, 1 + kTeams + user, 1 + kTeams + kUsers + member};
    ledger::AccountSet set;
    ledger::Reserve reserve;
    reserve.request = numbered(100);
    for (const std::size_t at : path) {
      const Place& place = accounts[at];
      reserve.scopes.push_back(place.scope);
      set.scopes.push_back({place.scope, false, place.account ? 1u : 0u});
      if (place.account) set.accounts.push_back(*place.account);
    }
    reserve.forms.push_back(Nanos{1});
    reserve.smallest = Nanos{1};
    const Instant now = kMonth.start + std::chrono::hours(5);
    const auto outcome = ledger::apply(set, now, reserve);
    if (outcome.decision != ledger::Decision::granted) return false;
    set.hold = outcome.amount;
    ledger::apply(set, now, ledger::Settle{reserve.request, outcome.amount});
    std::size_t next = 0;
    for (const std::size_t at : path)
      if (accounts[at].account) accounts[at].account = set.accounts[next++];
    return true;
  }

  void spend_on(const Accounts& accounts, std::vector<int> amounts, std::int64_t total) {
    if (!seen_.insert(amounts).second) return;
    most_ = std::max(most_, total);
    for (std::size_t member = 0; member < amounts.size(); ++member) {
      Accounts after = accounts;
      if (!spend(after, member)) continue;
      ++amounts[member];
      spend_on(after, amounts, total + 1);
      --amounts[member];
    }
  }

  const Limits& limits_;
  std::set<std::vector<int>> seen_;
  std::int64_t most_ = 0;
};

RC_GTEST_PROP(ExposureThroughTheLedger, IsReachedToTheNanoAndNeverPassed, ()) {
  const Limits limits = some_limits();
  const Exposure exposure = exposure_of(input_of(limits));
  RC_ASSERT(exposure.exact);
  const std::int64_t most = LedgerSpender(limits).most();
  RC_CLASSIFY(most > 0, "spent something");
  RC_CLASSIFY(most < limits.workspace.count(), "bound below the workspace");
  RC_ASSERT(exposure.figure.count() == most);
}

}  // namespace
}  // namespace purser::reports
