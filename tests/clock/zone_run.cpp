#include "zone_run.h"

#include <filesystem>
#include <future>
#include <map>
#include <random>
#include <stdexcept>

#include "local_clock.h"
#include "purser/store/store.h"

namespace purser::clocks {
namespace {

using std::chrono::hours;
using std::chrono::nanoseconds;
using std::chrono::seconds;
using store::StoreStatus;

// Autumn of 2027 to summer of 2028: a year's end, a leap day, both changes in both hemispheres.
constexpr Instant kFrom{std::chrono::sys_days{std::chrono::year{2027} / 9 / 15} + hours(12)};
constexpr Instant kTo{std::chrono::sys_days{std::chrono::year{2028} / 6 / 15}};
constexpr Period kPeriods[] = {Period::day, Period::week, Period::month, Period::quarter,
                               Period::year};

class ZoneRun {
 public:
  ZoneRun(const std::string& zone, std::uint64_t seed, std::string directory, Counts& counts)
      : zone_(zone),
        directory_(std::move(directory)),
        counts_(counts),
        local_(zone),
        edges_(local_.edges(kFrom, kTo)),
        env_(kFrom, seed),
        random_(seed) {
    for (Id* id : {&who_.user, &who_.team, &who_.membership, &who_.key}) *id = make_id(env_);
    who_.provider = "openai";
    who_.asked_model = "gpt-5";
  }

  void run() {
    open();
    set_up();
    for (std::size_t i = 0; i < edges_.size(); ++i) {
      ++(edges_[i].is_date ? counts_.dates : counts_.clock_sets);
      const Instant next = i + 1 < edges_.size() ? edges_[i + 1].at : kTo;
      pass(edges_[i].at, next);
    }
    compare();
    store_.reset();
    const auto report = store::verify(directory_);
    if (!report) return off("verify: " + report.error().message);
    for (const std::string& problem : report->problems) off("verify: " + problem);
  }

 private:
  void off(const std::string& what) {
    counts_.problems.push_back(zone_ + ", " + format_instant(env_.utc_now()) + ": " + what);
  }
  void expect(bool right, const char* what) {
    if (!right) off(what);
  }

  void open() {
    store::StoreOptions options;
    options.directory = directory_;
    options.readers = 1;
    options.recent_balances = 3;
    options.hold_rows = 3;
    auto opened = store::Store::open(options, env_);
    if (!opened) throw std::runtime_error(opened.error().message);
    store_ = std::move(*opened);
  }

  void set_up() {
    const auto made = store_->change([&](store::Change& change) -> Result<void> {
      change.sql().run("UPDATE workspaces SET zone = ?1", {zone_});
      change.reload_settings();
      change.sql().run("INSERT INTO keys (workspace, id) VALUES (?1, ?2)",
                       {change.workspace(), who_.key});
      change.raise_identity_version(who_.key);
      for (const Period period : kPeriods) {
        const bool is_long = period > Period::month;
        const ledger::Scope scope =
            is_long ? ledger::Scope{ledger::ScopeKind::workspace, change.workspace()}
                    : ledger::Scope{ledger::ScopeKind::user, who_.user};
        auto cap = change.set_cap(
            {scope, period, ledger::Enforcement::hard, Nanos{1000 * kNanosPerUsd}, {}}, admin_,
            "a clock's test");
        if (!cap) return cap.error();
      }
      return {};
    });
    if (!made) throw std::runtime_error(made.error().message);
  }

  // A nano before the edge, at it and a nano after, and what else may happen there.
  void pass(Instant edge, Instant next) {
    go_to(edge - nanoseconds(1));
    spend();
    const std::optional<Id> held = reserve();
    const Instant held_at = env_.utc_now();
    go_to(edge);
    spend();
    go_to(edge + nanoseconds(1));
    spend();
    if (held) {
      settle(*held, held_at);
      ++counts_.across;
    }
    switch (random_() % 12) {
      case 0:
      case 1:
        return step_back(seconds(1 + static_cast<int>(random_() % 60)));
      case 2:
        return jump(seconds(61 + static_cast<int>(random_() % 900'000)));
      case 3:
        return jump(-seconds(61 + static_cast<int>(random_() % 900'000)));
      case 4:
        if (next - edge > hours(5)) accept(hours(1 + static_cast<int>(random_() % 3)));
        return;
      case 5:
        return restart();
      case 6:
        return restart_behind();
      default:
        return drift();
    }
  }

  // Never back: what happened at the edge before may have taken longer than until this one.
  void go_to(Instant at) { env_.advance(std::max(at - env_.utc_now(), Duration{})); }

  // Ledger time stands still: over an edge, the later cycle keeps counting.
  void step_back(Duration by) {
    const Instant stands = env_.utc_now();
    env_.step_utc(-by);
    expect(!store_->clock_in_doubt(), "a step back of up to 60 s put the clock in doubt");
    spend(stands);
    env_.step_utc(by);
    spend();
    ++counts_.small_steps;
  }

  void jump(Duration by) {
    const std::optional<Id> held = reserve();
    const Instant held_at = env_.utc_now();
    env_.step_utc(by);
    expect_doubt();
    if (held) settle(*held, held_at);
    env_.step_utc(-by);
    expect(!store_->clock_in_doubt(), "the clock agrees again, and is still in doubt");
    spend();
  }

  void expect_doubt() {
    ++counts_.doubts;
    expect(store_->clock_in_doubt(), "a jump did not put the clock in doubt");
    const auto result = run(request(make_id(env_)));
    expect(result.status == StoreStatus::clock_in_doubt, "a reserve passed a clock in doubt");
  }

  void accept(Duration by) {
    env_.step_utc(by);
    expect_doubt();
    store_->accept_clock(admin_, "The clock had been behind.");
    expect(!store_->clock_in_doubt(), "the clock was accepted, and is in doubt");
    spend();
    ++counts_.accepted;
  }

  void restart() {
    store_.reset();
    env_.advance(seconds(1 + static_cast<int>(random_() % 3000)));
    open();
    spend();
    ++counts_.restarts;
  }

  // The clock lost more than a minute while nobody looked.
  void restart_behind() {
    store_.reset();
    env_.step_utc(-seconds(61));
    open();
    expect_doubt();
    env_.step_utc(seconds(61));
    spend();
    ++counts_.restarts;
  }

  // A quartz that is wrong by up to 5,000 parts in a million is no doubt, for hours on end.
  void drift() {
    const int parts = static_cast<int>(random_() % 10'001) - 5'000;
    for (int hour = 0; hour < 3; ++hour) {
      env_.advance(std::chrono::minutes(20));
      env_.step_utc(std::chrono::microseconds(1200) * parts);
      spend();
    }
  }

  void spend() { spend(env_.utc_now()); }
  void spend(Instant counts_at) {
    const std::optional<Id> held = reserve();
    if (held) settle(*held, counts_at);
  }

  store::ReserveRequest request(const Id& id) {
    store::ReserveRequest made;
    made.reserve.request = id;
    made.reserve.scopes = scopes_of(store_->workspace(), who_);
    made.reserve.forms.push_back(Nanos{1'000'000});
    made.reserve.smallest = Nanos{1'000'000};
    made.attribution = who_;
    made.identity_version = 2;
    made.explanation = "{}";
    return made;
  }

  std::optional<Id> reserve() {
    const Id id = make_id(env_);
    const auto result = run(request(id));
    const bool granted =
        result.status == StoreStatus::done && result.outcome.decision == ledger::Decision::granted;
    expect(granted, "a reserve was not granted");
    return granted ? std::optional(id) : std::nullopt;
  }

  void settle(const Id& id, Instant counts_at) {
    store::SettleRequest made;
    made.request = id;
    made.cost = Nanos{1 + static_cast<std::int64_t>(random_() % 1'000'000)};
    made.status = 200;
    expect(run(made).status == StoreStatus::done, "a settle did not pass");
    ++counts_.requests;
    for (const Period period : kPeriods)
      books_[{period, local_.number(period, counts_at)}] += made.cost.count();
  }

  template <typename Request>
  store::CommandResult run(Request made) {
    std::promise<store::CommandResult> answer;
    const bool queued = store_->submit(std::move(made), [&](store::CommandResult&& result) {
      answer.set_value(std::move(result));
    });
    if (!queued) throw std::runtime_error("the queue is full");
    return answer.get_future().get();
  }

  // Each account's spent is what fell into that day, week, … by the C library's clock.
  void compare() {
    store_->read([&](store::Sql& sql) {
      sql.each(
          "SELECT c.period, a.cycle_start, a.cycle_end, a.spent_nanos, a.held_nanos FROM accounts "
          "a "
          "JOIN caps c ON c.workspace = a.workspace AND c.id = a.cap",
          {}, [&](const store::Row& row) {
            const auto period = static_cast<Period>(row.integer(0));
            const Instant start = std::max(row.instant(1), kFrom), end = row.instant(2);
            const std::int64_t number = local_.number(period, start);
            ++counts_.accounts;
            const auto booked = books_.find({period, number});
            const std::int64_t spent = booked == books_.end() ? 0 : booked->second;
            const std::string which = std::string(name(period)) + " from " + format_instant(start);
            if (row.integer(3) != spent)
              off("the " + which + " has another spent than its requests");
            if (row.integer(4) != 0) off("the " + which + " has something held");
            if (end < kTo && (local_.number(period, end - nanoseconds(1)) != number ||
                              local_.number(period, end) == number))
              off("the " + which + " ends at another instant than the zone's clock says");
            if (booked != books_.end()) books_.erase(booked);
          });
    });
    expect(books_.empty(), "a cycle has no account");
  }

  const std::string zone_, directory_;
  Counts& counts_;
  LocalClock local_;
  std::vector<LocalClock::Edge> edges_;
  ManualEnv env_;
  std::mt19937_64 random_;
  store::Attribution who_;
  const store::Actor admin_{{}, "Ada Admin"};
  std::unique_ptr<store::Store> store_;
  std::map<std::pair<Period, std::int64_t>, std::int64_t> books_;
};

}  // namespace

void run_zone(const std::string& zone, std::uint64_t seed, const std::string& directory,
              Counts& counts) {
  std::filesystem::remove_all(directory);
  ZoneRun(zone, seed, directory, counts).run();
  std::filesystem::remove_all(directory);
}

}  // namespace purser::clocks
