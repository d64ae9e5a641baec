// How many requests a second the store takes, from hold to usage: 64 in flight, three accounts,
// every one durable. Prints figures; asserts nothing.
//
//   store_bench [DIRECTORY [SECONDS [IN_FLIGHT]]]
#include <sys/resource.h>

#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <thread>

#include "purser/base/env.h"
#include "purser/store/store.h"

namespace purser::store {
namespace {

double cpu_seconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) * 1e-6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

struct Load {
  Store& store;
  Attribution who;
  std::atomic<bool> ending = false;
  std::atomic<std::uint64_t> finished = 0, failed = 0;
  std::atomic<int> open = 0;

  // A request whose end starts the next one: so many are always in flight.
  void start() {
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

int run(const std::string& directory, int seconds, int in_flight) {
  StoreOptions options;
  options.directory = directory;
  auto opened = Store::open(options, system_env());
  if (!opened) {
    std::fprintf(stderr, "%s\n", opened.error().message.c_str());
    return 1;
  }
  Store& store = **opened;
  Load load{store, {}};
  load.who.user = make_id(system_env());
  load.who.team = make_id(system_env());
  load.who.key = make_id(system_env());
  load.who.provider = "openai";
  load.who.asked_model = "gpt-5";
  load.who.format = "openai_chat";
  const auto made = store.change([&](Change& change) -> Result<void> {
    change.sql().run("INSERT INTO keys (workspace, id) VALUES (?1, ?2)",
                     {change.workspace(), load.who.key});
    change.raise_identity_version(load.who.key);
    for (const auto& scope : {ledger::Scope{ledger::ScopeKind::workspace, change.workspace()},
                              ledger::Scope{ledger::ScopeKind::team, load.who.team},
                              ledger::Scope{ledger::ScopeKind::user, load.who.user}}) {
      auto cap = change.set_cap({scope, Period::month, ledger::Enforcement::hard, kMaxAmount, {}},
                                {}, "bench");
      if (!cap) return cap.error();
    }
    return {};
  });
  if (!made) {
    std::fprintf(stderr, "%s\n", made.error().message.c_str());
    return 1;
  }
  const double cpu_before = cpu_seconds();
  const Duration before = system_env().boot_now();
  load.open = in_flight;
  for (int i = 0; i < in_flight; ++i) load.start();
  std::this_thread::sleep_for(std::chrono::seconds(seconds));
  load.ending = true;
  while (load.open > 0) std::this_thread::yield();
  const double wall = std::chrono::duration<double>(system_env().boot_now() - before).count();
  const double cpu = cpu_seconds() - cpu_before;
  const StoreCounters counters = store.counters();
  const auto requests = static_cast<double>(load.finished.load());
  std::printf(
      "%d in flight: %.0f requests/s (hold + settle + usage, 3 accounts), %.1f us of CPU each, "
      "%.1f commands a commit, %llu commits, %llu failed\n",
      in_flight, requests / wall, cpu / requests * 1e6,
      2 * requests / static_cast<double>(counters.commits),
      static_cast<unsigned long long>(counters.commits),
      static_cast<unsigned long long>(load.failed.load()));
  return 0;
}

}  // namespace
}  // namespace purser::store

int main(int argc, char** argv) {
  std::string directory;
  if (argc > 1) {
    directory = argv[1];
  } else {
    std::string pattern =
        (std::filesystem::temp_directory_path() / "purser_store_bench_XXXXXX").string();
    directory = mkdtemp(pattern.data());
  }
  const int result = purser::store::run(directory, argc > 2 ? std::atoi(argv[2]) : 5,
                                        argc > 3 ? std::atoi(argv[3]) : 64);
  if (argc <= 1) std::filesystem::remove_all(directory);
  return result;
}
