#include "path/path_run.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>

namespace purser::sim {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr int kRequestsOfClient = 8;
constexpr int kRequestsInPeace = 2;
constexpr Duration kLongestEnd = std::chrono::hours(2);
constexpr std::uint64_t kMostSteps = 3'000'000;
constexpr std::size_t kShortQueue = 2, kLongQueue = 8192;

const store::Actor kAdmin{{}, "the simulated admin"};

}  // namespace

PathRun::PathRun(std::uint64_t seed, const BaseLedger& base)
    : world_(seed), base_(base), provider_(world_, [this](const Asked& asked) {
        // A process that has died since may have sent it; then the end of the run tells.
        if (process_ && asked.crashes_before == world_.crashes &&
            !has_hold_or_usage(*process_->store, asked.mark))
          world_.fail("I2: " + asked.mark + " reached the provider before its hold was durable");
      }) {
  directory_ =
      (std::filesystem::temp_directory_path() / fmt::format("purser_path_{}", ::getpid())).string();
  world_.disk.put(directory_ + "_0/ledger.db", base.file);
  queue_limit_ = world_.choose.one_in(3) ? kShortQueue : kLongQueue;
  for (std::size_t i = 0; i < base.members.size(); ++i) {
    clients_.push_back(
        std::make_unique<Client>(world_, i, [this](Party& party) -> std::shared_ptr<Wire> {
          if (!process_) return nullptr;
          auto wire = std::make_shared<Wire>(world_.clock, world_.choose, party);
          process_->accept(wire);
          return wire;
        }));
    clients_.back()->key = base.members[i].key;
    clients_.back()->user = base.members[i].user;
    clients_.back()->team = base.members[i].team;
    keys_.push_back(base.members[i].key_id);
  }
}

PathRun::~PathRun() {
  process_.reset();
  for (std::uint64_t life = 0; life <= lives_; ++life)
    std::filesystem::remove_all(directory_ + "_" + std::to_string(life));
}

void PathRun::open_process() {
  ProcessOptions options;
  options.directory = directory_ + "_" + std::to_string(lives_);
  options.queue_limit = queue_limit_;
  options.connect_upstream = [this] { return provider_.connect(); };
  process_ = std::make_unique<Process>(world_, std::move(options));
  commit_planned_ = false;
}

void PathRun::crash() {
  ++world_.crashes;
  ++result_.crashes;
  read_counts();
  process_->died();
  world_.disk.full = world_.disk.sync_fails = false;
  const std::string before = directory_ + "_" + std::to_string(lives_);
  const std::string after = directory_ + "_" + std::to_string(++lives_);
  world_.disk.crash(before, after, world_.disk_choose);
  process_.reset();  // what it does in ending, it does to files that nobody reads again
  world_.disk.remove(before);
  commit_planned_ = false;
  limits_changed_ = true;
  world_.clock.after(milliseconds(100 + world_.choose.below(5000)), [this] { open_process(); });
}

void PathRun::commit_soon() {
  if (!process_ || commit_planned_ || process_->store->counters().queue_length == 0) return;
  commit_planned_ = true;
  const Duration sync = store_is_slow_
                            ? Duration(seconds(2 + world_.choose.below(20)))
                            : Duration(std::chrono::microseconds(100 + world_.choose.below(2000)));
  world_.clock.after(sync, [this, life = lives_] {
    if (life == lives_) commit();
  });
}

void PathRun::commit() {
  commit_planned_ = false;
  const std::size_t queued = process_->store->counters().queue_length;
  if (queued >= queue_limit_) world_.faults.count(Fault::store_queue_full);
  process_->store->run_one_batch();
  ++result_.commits;
  world_.note(queued);
  if (auto problem = watch_.look(*process_->store, std::exchange(limits_changed_, false));
      !problem.empty())
    world_.fail(problem);
}

// One handler of the process, or the next thing that happens outside.
void PathRun::step() {
  ++steps_;
  try {
    if (process_ && crash_at_step_ != 0 && steps_ >= crash_at_step_) {
      crash_at_step_ = 0;
      world_.faults.count(Fault::crash);
      crash();
      return;
    }
    if (process_ && process_->io->poll_one() > 0) {
      commit_soon();
      return;
    }
    commit_soon();
    if (!world_.clock.run_next()) world_.fail("nothing is left to happen, and it is not over");
  } catch (const DiskFailed&) {
    world_.faults.count(Fault::sync_failed);
    crash();
  }
}

void PathRun::run_until(const std::function<bool()>& is_over, const char* what) {
  const Duration latest = world_.clock.now() + kLongestEnd;
  while (world_.problem.empty() && !is_over()) {
    step();
    if (world_.clock.now() > latest || steps_ > kMostSteps)
      world_.fail(std::string(what) + " does not end");
  }
}

bool PathRun::all_ended() const {
  return std::all_of(clients_.begin(), clients_.end(),
                     [](const auto& client) { return client->idle(); }) &&
         process_ && process_->gateway->open_exchanges() == 0 &&
         process_->store->counters().holds_open == 0 &&
         process_->store->counters().queue_length == 0;
}

void PathRun::set_caps(bool generous) {
  change([this, generous](store::Change& change) -> Result<void> {
    const auto set = [&](const ledger::Scope& scope, std::int64_t cents) -> Result<void> {
      store::CapSpec spec;
      spec.scope = scope;
      spec.limit = Nanos{(generous ? 100'000 : cents) * kNanosPerUsd / 100};
      auto made = change.set_cap(spec, kAdmin, "the run's caps");
      if (!made) return made.error();
      return {};
    };
    using ledger::ScopeKind;
    if (auto r = set({ScopeKind::workspace, change.workspace()}, 10 + world_.choose.below(90)); !r)
      return r;
    for (const Id& team : base_.teams)
      if (auto r = set({ScopeKind::team, team}, 5 + world_.choose.below(60)); !r) return r;
    for (const Id& user : base_.users)
      if (auto r = set({ScopeKind::user, user}, 2 + world_.choose.below(30)); !r) return r;
    return {};
  });
}

// A full queue refuses, and is a fault like any other; its length is fixed for the process's life.
void PathRun::lengthen_queue() {
  if (std::exchange(queue_limit_, kLongQueue) == kLongQueue) return;
  crash();
  run_until([this] { return process_ != nullptr; }, "a restart");
  // A clock that an admin accepted behind the last durable record is doubted again after a restart.
  if (world_.problem.empty() && process_->store->clock_in_doubt())
    process_->store->accept_clock(kAdmin, "after a restart");
}

// Now that nothing is wrong any more, nothing may go wrong.
void PathRun::run_in_peace() {
  for (const auto& client : clients_) client->begin(kRequestsInPeace);
  run_until([this] { return all_ended(); }, "the time without faults");
  for (const Asked& asked : world_.asked)
    if (asked.in_peace && asked.status != 200)
      world_.fail(fmt::format("I9: {} was answered {} when there was room and no fault", asked.mark,
                              asked.status));
}

void PathRun::read_counts() {
  if (!process_) return;
  result_.usages = result_.estimated = result_.unconfirmed = 0;
  process_->store->read([this](store::Sql& sql) {
    sql.each("SELECT COUNT(*), SUM(flags & 1 <> 0), SUM(flags & 2 <> 0) FROM usages", {},
             [this](const store::Row& row) {
               result_.usages = static_cast<std::uint64_t>(row.integer(0));
               result_.estimated = static_cast<std::uint64_t>(row.integer(1));
               result_.unconfirmed = static_cast<std::uint64_t>(row.integer(2));
             });
  });
}

PathResult PathRun::run() {
  open_process();
  set_caps(false);
  plan_faults();
  for (const auto& client : clients_) client->begin(kRequestsOfClient);
  run_until(
      [this] {
        return std::all_of(clients_.begin(), clients_.end(),
                           [](const auto& client) { return client->idle(); });
      },
      "the time of faults");
  end_faults();
  run_until([this] { return all_ended(); }, "a hold");
  if (world_.problem.empty()) lengthen_queue();
  if (world_.problem.empty()) set_caps(true);
  if (world_.problem.empty()) run_in_peace();
  if (world_.problem.empty()) world_.problem = check_books(*process_->store, world_);
  read_counts();
  if (world_.problem.empty()) {
    process_.reset();
    const auto report = store::verify(directory_ + "_" + std::to_string(lives_));
    if (!report)
      world_.fail("verify: " + report.error().message);
    else if (!report->problems.empty())
      world_.fail("verify: " + report->problems.front());
  }
  for (const Asked& asked : world_.asked) {
    ++result_.requests;
    if (asked.status == 200) ++result_.answered;
    if (asked.status == 402 || asked.status == 429) ++result_.refused;
  }
  world_.note(steps_);
  result_.lowered = world_.lowered;
  result_.problem = world_.problem;
  result_.trace = world_.trace;
  result_.faults = world_.faults;
  return result_;
}

}  // namespace purser::sim
