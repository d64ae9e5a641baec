// I1 to I5 over random commands on a real file, against a model that knows only the books: a list
// of usage, a list of open holds, and limits. Crashes, duplicate ids, cycles, caps made in
// mid-cycle.
#include <rapidcheck.h>

#include <cstdio>
#include <limits>
#include <map>
#include <set>

#include "store_test_support.h"

namespace purser::store {
namespace {

__extension__ typedef __int128 Sum;

struct Distribution {
  std::uint64_t commands = 0, granted = 0, refused = 0, across_cycles = 0, lowered = 0,
                made_in_mid_cycle = 0, duplicates = 0, late = 0, crashes = 0;
};

struct BookedRequest {
  ReserveRequest reserve;
  Instant at;
  Nanos hold;
  Nanos cost;
  enum { open, settled, unconfirmed } state = open;
};

// Drives one store; not a test by itself.
class StoreWorld : public StoreTest {
 public:
  void TestBody() override {}

  StoreWorld() {
    options.recent_balances = 2;  // fewer than accounts, so that balances move
    options.hold_rows = 2;        // so that holds go over the rows of others
    // Its own directory in memory: a sync of a real disk costs more than all the rest.
    if (std::filesystem::exists("/dev/shm"))
      options.directory = "/dev/shm/" + std::filesystem::path(directory.path()).filename().string();
    user_ids_ = {make_id(env), make_id(env)};
    team_ids_ = {make_id(env), make_id(env)};
    open();
    const auto made = store->change([&](Change& change) -> Result<void> {
      add_key(change, who.key);
      return {};
    });
    EXPECT_TRUE(made);
    who.membership = {};
    EXPECT_TRUE(set_cap(workspace_scope(), usd(90), Period::day));
  }
  ~StoreWorld() override {
    store.reset();
    std::filesystem::remove_all(options.directory);
  }

  std::string step(std::uint64_t seed, Distribution& seen) {
    ++seen.commands;
    state_ = seed;
    const auto kind = below(100);
    if (kind < 28) return reserve_some(seen);
    if (kind < 48) return settle_some(seen);
    if (kind < 56) return repeat_some(seen);
    if (kind < 80) return change_limit(seen);
    if (kind < 88) return end_cap();
    if (kind < 90) return crash(seen);
    env.advance(std::chrono::hours(12 + below(40)));
    return check();
  }

  std::string finish(Distribution& seen) {
    for (auto& [id, request] : requests_)
      if (request.state == BookedRequest::open)
        if (auto problem = settle_one(request, request.hold, seen); !problem.empty())
          return problem;
    if (auto problem = check(); !problem.empty()) return problem;
    for (const CapStatus& cap : store->caps(all_scopes()))
      if (cap.account.held != Nanos{0}) return "a hold leaked";
    store.reset();
    const auto report = verify(options.directory);
    if (!report) return report.error().message;
    if (!report->problems.empty()) return "verify: " + report->problems.front();
    // I2: every request that was granted is exactly one usage.
    if (report->usages != requests_.size() || report->holds != 0)
      return "not every granted request is one usage";
    return {};
  }

 private:
  std::uint64_t next() {
    std::uint64_t z = (state_ += 0x9e3779b97f4a7c15);  // SplitMix64
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return z ^ (z >> 31);
  }
  std::int64_t below(std::int64_t end) {
    return static_cast<std::int64_t>(next() % static_cast<std::uint64_t>(end));
  }
  std::size_t index_below(std::size_t end) {
    return static_cast<std::size_t>(below(static_cast<std::int64_t>(end)));
  }
  BookedRequest* any(int state) {
    std::vector<BookedRequest*> found;
    for (auto& [id, request] : requests_)
      if (state < 0 || request.state == state) found.push_back(&request);
    if (found.empty()) return nullptr;
    return below(4) != 0 ? found.front() : found[index_below(found.size())];  // often the oldest
  }

  void choose_who() {
    who.user = user_ids_[index_below(2)];
    who.team = team_ids_[index_below(2)];
    who.task_name = below(3) == 0 ? "task" : "";
    who.task = who.task_name.empty() ? Id{} : task_id(who.user, who.task_name);
  }

  ledger::ScopeList all_scopes() {
    ledger::ScopeList scopes;
    scopes.push_back(workspace_scope());
    for (const Id& id : user_ids_) scopes.push_back({ledger::ScopeKind::user, id});
    for (const Id& id : team_ids_) scopes.push_back({ledger::ScopeKind::team, id});
    for (const Id& id : user_ids_) scopes.push_back({ledger::ScopeKind::task, task_id(id, "task")});
    return scopes;
  }

  std::string reserve_some(Distribution& seen) {
    choose_who();
    ReserveRequest request = reserve_request(Nanos{1 + below(6 * kNanosPerUsd)});
    const CommandResult result = run(request);
    if (result.status != StoreStatus::done) return "a reserve was not done";
    if (result.outcome.decision == ledger::Decision::granted) {
      ++seen.granted;
      BookedRequest& booked = requests_[request.reserve.request];
      booked.reserve = request;
      booked.at = result.at;
      booked.hold = result.outcome.amount;
      // I1: it was granted, so it fits everywhere now.
      for (const ledger::Account& account : result.accounts)
        if (account.enforcement == ledger::Enforcement::hard && !ledger::within_limit(account))
          return "I1: granted above a limit";
    } else {
      ++seen.refused;
    }
    return check();
  }

  std::string settle_one(BookedRequest& request, Nanos cost, Distribution& seen) {
    const bool was_open = request.state == BookedRequest::open;
    const Id id = request.reserve.reserve.request;
    const CommandResult result = run(settle_request(id, cost));
    if (result.status != StoreStatus::done) return "a settle was not done";
    if (was_open && day_of(request.at) != day_of(env.utc_now())) ++seen.across_cycles;
    if (!was_open) ++seen.late;
    request.cost = cost;
    request.state = BookedRequest::settled;
    return {};
  }

  std::string settle_some(Distribution& seen) {
    BookedRequest* request = any(below(5) == 0 ? BookedRequest::unconfirmed : BookedRequest::open);
    if (request == nullptr) return {};
    const std::int64_t hold = request->hold.count();
    const Nanos cost{below(20) == 0 ? hold + below(kNanosPerUsd) : below(hold + 1)};
    const std::string problem = settle_one(*request, below(4) == 0 ? Nanos{hold} : cost, seen);
    return problem.empty() ? check() : problem;
  }

  // I3
  std::string repeat_some(Distribution& seen) {
    BookedRequest* request = any(-1);
    if (request == nullptr) return {};
    ++seen.duplicates;
    const bool settles = request->state == BookedRequest::settled && below(2) == 0;
    const CommandResult result =
        settles ? run(settle_request(request->reserve.reserve.request, request->cost + Nanos{5}))
                : run(request->reserve);
    if (result.status != StoreStatus::duplicate) return "I3: a repeated id was not seen";
    return check();
  }

  std::string change_limit(Distribution& seen) {
    const auto scopes = all_scopes();
    ledger::Scope scope = scopes[index_below(scopes.size())];
    Period period = below(3) == 0 ? Period::month : Period::day;
    if (scope.kind == ledger::ScopeKind::task) period = Period::none;
    Nanos limit{(5 + below(60)) * kNanosPerUsd};
    const auto caps = store->caps(scopes);
    if (!caps.empty() && below(5) < 2) {
      // Of a cap that is there, and mostly lower.
      const ledger::Cap& cap = caps[index_below(caps.size())].cap;
      scope = cap.scope;
      period = cap.period;
      if (below(5) != 0) limit = Nanos{cap.limit.count() / 4 * (1 + below(4))};
    }
    std::optional<Nanos> before;
    for (const CapStatus& cap : caps)
      if (cap.cap.scope == scope && cap.cap.period == period) before = cap.account.limit;
    if (!set_cap(scope, limit, period)) return "a cap was not set";
    if (before && limit < *before) ++seen.lowered;
    if (!before) {
      const ledger::Account made = store->caps({scope}).back().account;
      if (made.spent + made.held > Nanos{0}) ++seen.made_in_mid_cycle;
    }
    return check();
  }

  std::string end_cap() {
    const auto caps = store->caps(all_scopes());
    if (caps.empty()) return {};
    const CapStatus& cap = caps[index_below(caps.size())];
    if (!change_caps(ledger::EndCap{cap.cap.id})) return "a cap was not ended";
    return check();
  }

  // The files as they are, and a new life on them.
  std::string crash(Distribution& seen) {
    ++seen.crashes;
    const std::string kept = options.directory + ".kept";
    std::filesystem::remove_all(kept);
    std::filesystem::copy(options.directory, kept);
    store.reset();
    std::filesystem::remove_all(options.directory);
    std::filesystem::rename(kept, options.directory);
    open();
    for (auto& [id, request] : requests_)
      if (request.state == BookedRequest::open) {
        request.state = BookedRequest::unconfirmed;
        request.cost = request.hold;
      }
    return check();
  }

  static bool falls_under(const Attribution& attribution, const ledger::Scope& scope) {
    switch (scope.kind) {
      case ledger::ScopeKind::workspace:
        return true;
      case ledger::ScopeKind::team:
        return attribution.team == scope.id;
      case ledger::ScopeKind::user:
        return attribution.user == scope.id;
      default:
        return attribution.task == scope.id;
    }
  }

  // I4, for every account that stands for now: the books alone say what it must hold.
  std::string check() {
    for (const CapStatus& cap : store->caps(all_scopes())) {
      const ledger::Account& account = cap.account;
      const Cycle cycle{account.cycle_start, account.cycle_end};
      Sum spent = 0, held = 0;
      for (const auto& [id, request] : requests_) {
        if (!cycle.contains(request.at) || !falls_under(request.reserve.attribution, account.scope))
          continue;
        if (request.state == BookedRequest::open)
          held += request.hold.count();
        else
          spent += request.cost.count();
      }
      if (spent != account.spent.count()) return "I4: spent is not what the books say";
      if (held != account.held.count()) return "I4: held is not what the books say";
    }
    return {};
  }

  static std::int64_t day_of(Instant instant) {
    return std::chrono::floor<std::chrono::days>(instant).time_since_epoch().count();
  }

  std::uint64_t state_ = 0;
  std::vector<Id> user_ids_, team_ids_;
  std::map<Id, BookedRequest> requests_;
};

double percent_of(std::uint64_t part, std::uint64_t whole) {
  return 100.0 * static_cast<double>(part) / static_cast<double>(whole);
}

TEST(StoreProperty, InvariantsHoldOverRandomCommandsAndCrashes) {
  Distribution seen;
  EXPECT_TRUE(rc::check("I1 to I5", [&] {
    const auto commands = *rc::gen::scale(
        2.0, rc::gen::container<std::vector<std::uint64_t>>(
                 rc::gen::inRange<std::uint64_t>(0, std::numeric_limits<std::uint64_t>::max())));
    StoreWorld world;
    std::string problem;
    for (const std::uint64_t command : commands) {
      problem = world.step(command, seen);
      RC_ASSERT(problem == "");
    }
    problem = world.finish(seen);
    RC_ASSERT(problem == "");
  }));
  const auto share = [&](std::uint64_t part) { return percent_of(part, seen.commands); };
  std::printf(
      "of %llu commands: %.1f %% granted, %.1f %% refused, %.1f %% settles across cycles, %.1f %% "
      "lowered caps, %.1f %% caps made in mid-cycle with books behind them, %.1f %% duplicate ids, "
      "%.1f %% late settles, "
      "%.1f %% crashes\n",
      static_cast<unsigned long long>(seen.commands), share(seen.granted), share(seen.refused),
      share(seen.across_cycles), share(seen.lowered), share(seen.made_in_mid_cycle),
      share(seen.duplicates), share(seen.late), share(seen.crashes));
  for (const std::uint64_t part : {seen.granted, seen.refused, seen.across_cycles, seen.lowered,
                                   seen.made_in_mid_cycle, seen.duplicates})
    EXPECT_GE(share(part), 5);
}

}  // namespace
}  // namespace purser::store
