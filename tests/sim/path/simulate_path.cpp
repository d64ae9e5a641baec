#include "path/simulate_path.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cstdio>

#include "path/path_run.h"
#include "replay_hint.h"

namespace purser::sim {
namespace {

// From here on a run is large enough that every kind of fault must have fired.
constexpr std::uint64_t kSeedsThatShowAll = 100;

// The product says on stderr what a full disk does, thousands of times; a replay shows it.
void silence_stderr() {
  const int nowhere = ::open("/dev/null", O_WRONLY | O_CLOEXEC);
  if (nowhere >= 0) ::dup2(nowhere, STDERR_FILENO);
}

void add(const PathResult& one, PathResult& all) {
  all.faults.add(one.faults);
  all.requests += one.requests;
  all.answered += one.answered;
  all.refused += one.refused;
  all.lowered += one.lowered;
  all.commits += one.commits;
  all.crashes += one.crashes;
  all.usages += one.usages;
  all.estimated += one.estimated;
  all.unconfirmed += one.unconfirmed;
}

// How many kinds never fired.
int print_faults(const FaultCounts& faults, bool all_must_fire) {
  int never = 0;
  for (std::size_t i = 1; i < kFaultCount; ++i) {
    const auto fault = static_cast<Fault>(i);
    const bool missing = faults.of(fault) == 0 && all_must_fire;
    never += missing ? 1 : 0;
    fmt::print("{:<30} {:>10}{}\n", name(fault), faults.of(fault), missing ? "  NEVER FIRED" : "");
  }
  return never;
}

}  // namespace

int simulate_path(const Seeds& seeds) {
  if (!seeds.one) silence_stderr();
  const BaseLedger base = make_base_ledger();
  PathResult all;
  std::uint64_t trace = 0, failed = 0;
  for (std::uint64_t seed = seeds.begin(); seed < seeds.end() && failed == 0; ++seed) {
    set_replay_hint("path", seed);
    const PathResult one = PathRun(seed, base).run();
    add(one, all);
    trace = Choices(trace ^ one.trace).next();
    if (one.problem.empty()) continue;
    ++failed;
    fmt::print("FAILED seed {}: {}\nreplay: {}\n", seed, one.problem, replay_command("path", seed));
  }
  const std::uint64_t count = seeds.end() - seeds.begin();
  const bool shows_all = failed == 0 && count >= kSeedsThatShowAll;
  int never = print_faults(all.faults, shows_all);
  if (shows_all && all.lowered == 0) {
    ++never;
    fmt::print("no output limit was ever lowered\n");
  }
  fmt::print(
      "{} requests: {} answered, {} refused for spend; {} sent with a lowered output limit; {} "
      "usages, {} of them estimated, {} unconfirmed; {} commits, {} crashes\n",
      all.requests, all.answered, all.refused, all.lowered, all.usages, all.estimated,
      all.unconfirmed, all.commits, all.crashes);
  fmt::print("whole-path simulation: {} kinds of fault, {} seeds, {} failed, trace {:016x}\n",
             kFaultCount - 1, count, failed, trace);
  return failed > 0 || never > 0 ? 1 : 0;
}

}  // namespace purser::sim
