// How many requests a second the store takes, from hold to usage: so many in flight, three accounts
// each, every one durable. Prints figures; asserts nothing.
#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <thread>
#include <vector>

#include "figures.h"
#include "purser/base/env.h"
#include "purser/store/store.h"

namespace purser::store {
namespace {

struct Load {
  Store& store;
  std::vector<Attribution> people;
  std::atomic<bool> ending = false;
  std::atomic<std::uint64_t> finished = 0, failed = 0;
  std::atomic<int> open = 0;
  std::atomic<std::size_t> turn = 0;

  // A request whose end starts the next one: so many are always in flight.
  void start() {
    const Attribution& who = people[turn++ % people.size()];
    ReserveRequest request;
    request.reserve.request = make_id(system_env());
    request.reserve.scopes = scopes_of(store.workspace(), who);
    request.reserve.forms.push_back(Nanos{20'000'000});
    request.reserve.smallest = Nanos{20'000'000};
    request.attribution = who;
    request.identity_version = 2;
    request.price_id = "openai/gpt-5";
    request.price_version = "2026-11-01";
    request.explanation = R"({"input_tokens":1200,"output_tokens":1024})";
    const Id id = request.reserve.request;
    const bool queued = store.submit(std::move(request), [this, id](CommandResult&& held) {
      if (held.status != StoreStatus::done || held.outcome.decision != ledger::Decision::granted) {
        ++failed;
        --open;
        return;
      }
      end(id);
    });
    if (!queued) std::abort();
  }

  void end(const Id& id) {
    SettleRequest settle;
    settle.request = id;
    settle.cost = Nanos{3'000'000};
    settle.counts.tokens = {1000, 0, 0, 0, 200, 0, 0, 0};
    settle.actual_model = "gpt-5-2026-08-07";
    settle.provider_request_id = "chatcmpl-0123456789abcdef";
    settle.service_tier = "default";
    settle.status = 200;
    settle.ending = "complete";
    const bool queued = store.submit(std::move(settle), [this](CommandResult&&) {
      ++finished;
      if (ending)
        --open;
      else
        start();
    });
    if (!queued) std::abort();
  }
};

constexpr int kTeams = 20;

// People in teams, under caps of the workspace, their team and their own, each with all the room
// there is.
Result<std::vector<Attribution>> make_people(Store& store, int users) {
  std::vector<Attribution> people;
  std::vector<Id> teams;
  for (int i = 0; i < std::min(kTeams, users); ++i) teams.push_back(make_id(system_env()));
  const auto made = store.change([&](Change& change) -> Result<void> {
    const auto cap = [&](ledger::ScopeKind kind, const Id& id) -> Result<void> {
      const auto set = change.set_cap(
          {{kind, id}, Period::month, ledger::Enforcement::hard, kMaxAmount, {}}, {}, "bench");
      if (!set) return set.error();
      return {};
    };
    if (auto set = cap(ledger::ScopeKind::workspace, change.workspace()); !set) return set;
    for (const Id& team : teams)
      if (auto set = cap(ledger::ScopeKind::team, team); !set) return set;
    for (int i = 0; i < users; ++i) {
      Attribution who;
      who.user = make_id(system_env());
      who.team = teams[static_cast<std::size_t>(i) % teams.size()];
      who.key = make_id(system_env());
      who.provider = "openai";
      who.asked_model = "gpt-5";
      who.format = "openai_chat";
      change.sql().run("INSERT INTO keys (workspace, id) VALUES (?1, ?2)",
                       {change.workspace(), who.key});
      change.raise_identity_version(who.key);
      if (auto set = cap(ledger::ScopeKind::user, who.user); !set) return set;
      people.push_back(std::move(who));
    }
    return {};
  });
  if (!made) return made.error();
  return people;
}

struct Options {
  std::string directory;
  int seconds = 5;
  int in_flight = 64;
  int users = 1;
  bool json = false;
};

void print(const Options& options, const Load& load, double wall, double cpu,
           const StoreCounters& counters) {
  const auto requests = static_cast<double>(load.finished.load());
  if (options.json) {
    std::printf(
        "{\"ledger_sqlite_ops_per_s\":%.0f,\"in_flight\":%d,\"largest_batch\":%llu,\"commits\":%"
        "llu,"
        "\"cpu_us_each\":%.1f,\"failed\":%llu}\n",
        requests / wall, options.in_flight, static_cast<unsigned long long>(counters.largest_batch),
        static_cast<unsigned long long>(counters.commits), cpu / requests * 1e6,
        static_cast<unsigned long long>(load.failed.load()));
    return;
  }
  std::printf(
      "%d in flight: %.0f requests/s (hold + settle + usage, 3 accounts), %.1f us of CPU each, "
      "%.1f commands a commit (%llu at most), %llu commits, %llu failed\n",
      options.in_flight, requests / wall, cpu / requests * 1e6,
      2 * requests / static_cast<double>(counters.commits),
      static_cast<unsigned long long>(counters.largest_batch),
      static_cast<unsigned long long>(counters.commits),
      static_cast<unsigned long long>(load.failed.load()));
}

int run(const Options& options) {
  StoreOptions store_options;
  store_options.directory = options.directory;
  auto opened = Store::open(store_options, system_env());
  if (!opened) {
    std::fprintf(stderr, "%s\n", opened.error().message.c_str());
    return 1;
  }
  Store& store = **opened;
  Load load{store, {}};
  auto people = make_people(store, std::max(1, options.users));
  if (!people) {
    std::fprintf(stderr, "%s\n", people.error().message.c_str());
    return 1;
  }
  load.people = std::move(*people);
  const double cpu_before = bench::cpu_seconds();
  const Duration before = system_env().boot_now();
  load.open = options.in_flight;
  for (int i = 0; i < options.in_flight; ++i) load.start();
  std::this_thread::sleep_for(std::chrono::seconds(options.seconds));
  load.ending = true;
  while (load.open > 0) std::this_thread::yield();
  const double wall = std::chrono::duration<double>(system_env().boot_now() - before).count();
  print(options, load, wall, bench::cpu_seconds() - cpu_before, store.counters());
  return 0;
}

}  // namespace
}  // namespace purser::store

int main(int argc, char** argv) {
  purser::bench::Flags flags(
      argc, argv, "store_bench [--json] [--in-flight N] [--users N] [--seconds N] [--directory D]");
  purser::store::Options options;
  options.json = flags.has("--json");
  options.in_flight = flags.number("--in-flight", options.in_flight);
  options.users = flags.number("--users", options.users);
  options.seconds = flags.number("--seconds", options.seconds);
  options.directory = flags.text("--directory", "");
  flags.end();
  if (!options.directory.empty()) return purser::store::run(options);
  std::string pattern =
      (std::filesystem::temp_directory_path() / "purser_store_bench_XXXXXX").string();
  options.directory = mkdtemp(pattern.data());
  const int result = purser::store::run(options);
  std::filesystem::remove_all(options.directory);
  return result;
}
