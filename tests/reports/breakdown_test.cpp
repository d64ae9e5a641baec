// Who consumed what, through the real store: against sums over a list of what was requested, for
// caps of every kind of scope, now and as of earlier commands.
#include "purser/reports/breakdown.h"

#include <rapidcheck.h>

#include <cstdio>
#include <limits>
#include <map>

#include "store_test_support.h"

namespace purser::reports {
namespace {

using ledger::Scope;
using ledger::ScopeKind;
using store::Attribution;

struct Booked {
  struct Piece {
    std::uint64_t sequence;
    Nanos cost;
  };
  Attribution who;
  Instant at;
  Nanos hold;
  std::vector<Piece> pieces;  // the settle, then adjustments
};

// What an account had spent right after a command.
struct Moment {
  Crossing crossing;
  Scope scope;
  Cycle cycle;
  Nanos spent;
};

Id scope_id(const Attribution& who, const Scope& scope) {
  switch (scope.kind) {
    case ScopeKind::workspace:
      return scope.id;
    case ScopeKind::team:
      return who.team;
    case ScopeKind::user:
      return who.user;
    case ScopeKind::membership:
      return who.membership;
    case ScopeKind::project:
      return who.project;
    case ScopeKind::key:
      return who.key;
    case ScopeKind::label:
      return who.label;
    case ScopeKind::task:
      return who.task;
  }
  return {};
}

std::map<std::string, Nanos> by_name(const std::vector<BreakdownPart>& parts) {
  std::map<std::string, Nanos> sums;
  for (const BreakdownPart& part : parts) sums[part.name] += part.cost;
  return sums;
}

// Drives one store; not a test by itself.
class BreakdownWorld : public store::StoreTest {
 public:
  void TestBody() override {}

  BreakdownWorld() {
    if (std::filesystem::exists("/dev/shm"))
      options.directory = "/dev/shm/" + std::filesystem::path(directory.path()).filename().string();
    for (auto* ids : {&users_, &teams_, &memberships_, &projects_, &keys_, &labels_})
      *ids = {make_id(env), make_id(env)};
    projects_.push_back({});
    open();
    const auto made = store->change([&](store::Change& change) -> Result<void> {
      for (const Id& key : keys_) add_key(change, key);
      return {};
    });
    EXPECT_TRUE(made);
    set(workspace_scope(), Period::month);
    set(workspace_scope(), Period::day);
    const auto set_both = [&](ScopeKind kind, const std::vector<Id>& ids, Period period) {
      for (const Id& id : {ids[0], ids[1]}) set({kind, id}, period);
    };
    set_both(ScopeKind::team, teams_, Period::month);
    set_both(ScopeKind::user, users_, Period::day);
    set_both(ScopeKind::membership, memberships_, Period::week);
    set_both(ScopeKind::project, projects_, Period::month);
    set_both(ScopeKind::key, keys_, Period::day);
    set_both(ScopeKind::label, labels_, Period::month);
    set_both(ScopeKind::task, {store::task_id(users_[0], "t"), store::task_id(users_[1], "t")},
             Period::none);
  }
  ~BreakdownWorld() override {
    store.reset();
    std::filesystem::remove_all(options.directory);
  }

  void step(std::uint64_t number) {
    const auto below = [&](std::uint64_t end) {
      const std::uint64_t found = number % end;
      number /= end;
      return found;
    };
    const auto kind = below(10);
    if (kind < 4) {
      who.user = users_[below(2)];
      who.team = teams_[below(2)];
      who.project = projects_[below(3)];
      const auto key = below(2);
      who.key = keys_[key];
      who.membership = memberships_[key];  // follows from the key: rollups rely on it
      who.label = below(2) == 0 ? Id{} : labels_[below(2)];
      who.task_name = below(2) == 0 ? "" : "t";
      who.task = who.task_name.empty() ? Id{} : store::task_id(who.user, "t");
      who.asked_model = below(2) == 0 ? "gpt-5" : "gpt-5-mini";
      reserve_one(Nanos{1 + static_cast<std::int64_t>(below(kNanosPerUsd))});
    } else if (kind < 7) {
      if (!open_.empty()) settle_one(below(open_.size()), below(1000));
    } else if (kind < 8) {
      if (!settled_.empty()) correct_one(below(settled_.size()), below(2 * kNanosPerUsd));
    } else {
      env.advance(std::chrono::minutes(below(400)));
      // A request is done within a day.
      while (!open_.empty() &&
             env.utc_now() - booked_.at(open_.front()).at > std::chrono::hours(17))
        settle_one(0, number % 1000);
    }
  }

  // Of every moment, or of those that a long run has room for.
  std::string check() {
    const std::size_t stride = 1 + moments_.size() / 150;
    for (std::size_t at = 0; at < moments_.size(); at += stride)
      if (auto problem = check_one(moments_[at]); !problem.empty()) return problem;
    return check_now();
  }

  std::size_t moments() const { return moments_.size(); }
  std::size_t with_later_usage = 0, checked = 0;

 private:
  void set(const Scope& scope, Period period) {
    EXPECT_TRUE(set_cap(scope, store::usd(1'000'000), period));
    if (std::find(scopes_.begin(), scopes_.end(), scope) == scopes_.end()) scopes_.push_back(scope);
  }

  std::vector<store::CapStatus> all_caps() const {
    std::vector<store::CapStatus> all;
    for (const Scope& scope : scopes_)
      for (const store::CapStatus& cap : store->caps({scope})) all.push_back(cap);
    return all;
  }

  void note_moments(std::uint64_t sequence, Instant at) {
    for (const store::CapStatus& cap : all_caps()) {
      const ledger::Account& account = cap.account;
      moments_.push_back(
          {{sequence, at}, account.scope, {account.cycle_start, account.cycle_end}, account.spent});
    }
  }

  void reserve_one(Nanos hold) {
    store::ReserveRequest request = reserve_request(hold);
    const auto result = run(request);
    ASSERT_EQ(result.outcome.decision, ledger::Decision::granted);
    const Id id = request.reserve.request;
    booked_[id] = {who, result.at, result.outcome.amount, {}};
    open_.push_back(id);
  }

  void settle_one(std::size_t place, std::uint64_t share) {
    const Id id = open_[place];
    open_.erase(open_.begin() + static_cast<long>(place));
    Booked& booked = booked_.at(id);
    const Nanos cost{booked.hold.count() * static_cast<std::int64_t>(share) / 999};
    const auto result = run(settle_request(id, cost));
    ASSERT_EQ(result.status, store::StoreStatus::done);
    booked.pieces.push_back({result.sequence, cost});
    settled_.push_back(id);
    note_moments(result.sequence, result.at);
  }

  void correct_one(std::size_t place, std::uint64_t cost) {
    const Id id = settled_[place];
    Nanos costs;
    for (const auto& piece : booked_.at(id).pieces) costs += piece.cost;
    const Nanos exact{static_cast<std::int64_t>(cost)};
    if (exact == costs) return;
    const auto changed = store->change([&](store::Change& change) -> Result<void> {
      auto outcome = change.correct_usage(id, exact, admin, "a test");
      if (!outcome) return outcome.error();
      return {};
    });
    ASSERT_TRUE(changed) << changed.error().message;
    const auto sequence =
        static_cast<std::uint64_t>(integer("SELECT MAX(sequence) FROM adjustments"));
    booked_.at(id).pieces.push_back({sequence, exact - costs});
    note_moments(sequence, env.utc_now());
  }

  std::string check_one(const Moment& moment) {
    std::map<std::string, Nanos> users, projects, models;
    Nanos total;
    bool later = false;
    for (const auto& [id, booked] : booked_) {
      if (scope_id(booked.who, moment.scope) != moment.scope.id ||
          !moment.cycle.contains(booked.at))
        continue;
      Nanos cost;
      for (const auto& piece : booked.pieces) {
        if (piece.sequence <= moment.crossing.sequence)
          cost += piece.cost;
        else
          later = true;
      }
      total += cost;
      if (cost == Nanos{}) continue;
      users[to_text("usr", booked.who.user)] += cost;
      projects[booked.who.project.is_zero() ? "no project" : to_text("prj", booked.who.project)] +=
          cost;
      models["openai/" + booked.who.asked_model] += cost;
    }
    ++checked;
    with_later_usage += later;
    if (total != moment.spent) return "the account had not spent what was requested";
    Breakdown found;
    store->read([&](store::Sql& sql) {
      found = read_breakdown(sql, store->workspace(), moment.scope, moment.cycle, moment.crossing);
    });
    if (found.total != moment.spent) return "the total is not what the account had spent";
    if (by_name(found.by_user) != users) return "users";
    if (by_name(found.by_project) != projects) return "projects";
    if (by_name(found.by_model) != models) return "models";
    return {};
  }

  std::string check_now() {
    for (const store::CapStatus& cap : all_caps()) {
      Breakdown found;
      store->read([&](store::Sql& sql) {
        found = read_breakdown(sql, store->workspace(), cap.account.scope,
                               {cap.account.cycle_start, cap.account.cycle_end});
      });
      if (found.total != cap.account.spent) return "the total is not what the account has spent";
      for (const auto* parts : {&found.by_user, &found.by_project, &found.by_model}) {
        Nanos sum;
        for (const BreakdownPart& part : *parts) sum += part.cost;
        if (sum != found.total) return "parts do not add up";
      }
    }
    return {};
  }

  std::vector<Id> users_, teams_, memberships_, projects_, keys_, labels_;
  std::vector<Scope> scopes_;
  std::map<Id, Booked> booked_;
  std::vector<Id> open_, settled_;
  std::vector<Moment> moments_;
};

TEST(BreakdownProperty, AddsUpToTheAccountAtEveryCommand) {
  std::size_t with_later = 0, checked = 0;
  EXPECT_TRUE(rc::check("parts add up", [&] {
    const auto steps = *rc::gen::scale(
        2.0, rc::gen::container<std::vector<std::uint64_t>>(
                 rc::gen::inRange<std::uint64_t>(0, std::numeric_limits<std::uint64_t>::max())));
    BreakdownWorld world;
    for (const std::uint64_t number : steps) world.step(number);
    const std::string problem = world.check();
    RC_ASSERT(problem == "");
    with_later += world.with_later_usage;
    checked += world.checked;
  }));
  std::printf("%zu moments, %zu of them with usage that came later\n", checked, with_later);
  EXPECT_GE(with_later, checked / 4);
}

class BreakdownTest : public store::StoreTest {
 protected:
  Breakdown read(const Scope& scope, const std::optional<Crossing>& as_of = std::nullopt) {
    const ledger::Account of = account(scope);
    Breakdown found;
    store->read([&](store::Sql& sql) {
      found = read_breakdown(sql, store->workspace(), scope, {of.cycle_start, of.cycle_end}, as_of);
    });
    return found;
  }
  void add_row(std::string_view table, const Id& id, std::string_view name, bool ended) {
    const bool is_user = table == "users";
    const auto made = store->change([&](store::Change& change) -> Result<void> {
      change.sql().run("INSERT INTO " + std::string(table) + " (workspace, id, name, handle, " +
                           (is_user ? "kind, role, deactivated" : "ended") +
                           ", created) VALUES (?1, ?2, ?3, ?3, " + (is_user ? "0, 0, " : "") +
                           "?4, 0)",
                       {change.workspace(), id, name,
                        ended ? store::Param(std::int64_t{1}) : store::Param(nullptr)});
      return {};
    });
    ASSERT_TRUE(made) << made.error().message;
  }
};

TEST_F(BreakdownTest, NamesWhatHasEndedToo) {
  open_with_key();
  ASSERT_TRUE(set_cap(team_scope(), store::usd(100)));
  const Id ana = who.user, project = make_id(env);
  add_row("users", ana, "Ana", true);
  add_row("projects", project, "Apollo", true);
  spend(store::usd(1));
  who.project = project;
  who.asked_model = "gpt-5-mini";
  spend(store::usd(3));
  const Breakdown found = read(team_scope());
  EXPECT_EQ(found.total, store::usd(4));
  ASSERT_EQ(found.by_user.size(), 1u);
  EXPECT_EQ(found.by_user[0].name, "Ana");
  EXPECT_EQ(found.by_user[0].percent, 100);
  ASSERT_EQ(found.by_project.size(), 2u);
  EXPECT_EQ(found.by_project[0].name, "Apollo");
  EXPECT_EQ(found.by_project[0].percent, 75);
  EXPECT_EQ(found.by_project[1].name, "no project");
  EXPECT_EQ(found.by_model[0].name, "openai/gpt-5-mini");
}

TEST_F(BreakdownTest, GathersTheSmallestAsOthers) {
  open_with_key();
  ASSERT_TRUE(set_cap(team_scope(), store::usd(1000)));
  for (int at = 1; at <= 13; ++at) {
    who.asked_model = "model-" + std::to_string(at);
    spend(store::cents(at));
  }
  const Breakdown found = read(team_scope());
  ASSERT_EQ(found.by_model.size(), 11u);
  EXPECT_EQ(found.by_model[0].name, "openai/model-13");
  EXPECT_EQ(found.by_model[9].name, "openai/model-4");
  EXPECT_EQ(found.by_model[10].name, "3 others");
  EXPECT_EQ(found.by_model[10].cost, store::cents(6));
  EXPECT_EQ(found.by_model[10].percent, 6.6);
}

// In flight when the cap crossed, for almost a day, and settled after it.
TEST_F(BreakdownTest, LooksADayBack) {
  open_with_key();
  ASSERT_TRUE(set_cap(team_scope(), store::usd(100), Period::month));
  Id slow;
  reserve(store::usd(2), &slow);
  env.advance(std::chrono::hours(23));
  Id crosses;
  reserve(store::usd(5), &crosses);
  const auto crossed = settle(crosses, store::usd(5));
  settle(slow, store::usd(2));
  EXPECT_EQ(read(team_scope()).total, store::usd(7));
  EXPECT_EQ(read(team_scope(), Crossing{crossed.sequence, crossed.at}).total, store::usd(5));
}

TEST_F(BreakdownTest, OfNothingIsEmpty) {
  open_with_key();
  ASSERT_TRUE(set_cap(team_scope(), store::usd(100)));
  const Breakdown found = read(team_scope());
  EXPECT_EQ(found.total, Nanos{});
  EXPECT_TRUE(found.by_user.empty() && found.by_project.empty() && found.by_model.empty());
}

}  // namespace
}  // namespace purser::reports
