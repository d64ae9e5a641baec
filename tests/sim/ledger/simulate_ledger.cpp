#include "ledger/simulate_ledger.h"

#include <fmt/format.h>

#include <deque>

#include "ledger_world.h"
#include "replay_hint.h"

namespace purser::sim {
namespace {

using ledger::Decision;
using ledger::Distribution;

constexpr std::uint64_t kCommandsOfSeed = 3'000;
// From here on a run is large enough that everything must have happened.
constexpr std::uint64_t kSeedsThatShowAll = 20;
constexpr std::size_t kCommandsTold = 12;

struct SeedEnd {
  std::string problem;
  std::uint64_t command = 0, trace = 0;
  std::deque<std::string> last;  // the last commands in words, where asked for
};

SeedEnd run_seed(std::uint64_t seed, bool tell, Distribution& seen) {
  Choices choose(seed);
  ledger::LedgerWorld world(ledger::LedgerProfile::from(choose));
  SeedEnd end;
  for (; end.command < kCommandsOfSeed && end.problem.empty(); ++end.command) {
    end.problem = world.step(choose.next(), seen);
    if (!tell && end.problem.empty()) continue;
    end.last.push_back(fmt::format("{:>6}  {}", end.command, world.last()));
    if (end.last.size() > kCommandsTold) end.last.pop_front();
  }
  if (end.problem.empty()) end.problem = world.finish(seen);
  end.trace = world.trace();
  return end;
}

struct Figure {
  const char* name;
  std::uint64_t count;
};

std::vector<Figure> figures(const Distribution& seen) {
  const auto decided = [&](Decision decision) {
    return seen.decisions[static_cast<std::size_t>(decision)];
  };
  return {{"commands", seen.commands},
          {"reserves granted", seen.granted},
          {"  with a lower form", seen.lowered_forms},
          {"reserves refused", seen.refused},
          {"  stopped", decided(Decision::stopped)},
          {"  no_cap", decided(Decision::no_cap)},
          {"  paused", decided(Decision::paused)},
          {"  does_not_fit", decided(Decision::does_not_fit)},
          {"  holds_in_the_way", decided(Decision::holds_in_the_way)},
          {"settles", seen.settled},
          {"  across cycles", seen.settled_across_cycles},
          {"  expired", seen.expired},
          {"  overspent", seen.overspent},
          {"adjustments", seen.adjusted},
          {"caps made", seen.made},
          {"  in mid-cycle", seen.made_in_mid_cycle},
          {"caps lowered", seen.lowered},
          {"caps raised", seen.raised},
          {"caps reallocated", seen.reallocated},
          {"caps ended", seen.ended},
          {"scopes stopped", seen.stopped},
          {"cycles turned", seen.cycles},
          {"alerts", seen.alerts},
          {"accounts seen above a limit", seen.above_limit}};
}

}  // namespace

int simulate_ledger(const Seeds& seeds) {
  Distribution seen;
  std::uint64_t trace = 0, failed = 0;
  for (std::uint64_t seed = seeds.begin(); seed < seeds.end(); ++seed) {
    set_replay_hint("ledger", seed);
    const SeedEnd end = run_seed(seed, seeds.one.has_value(), seen);
    trace = Choices(trace ^ end.trace).next();
    if (end.problem.empty()) continue;
    ++failed;
    fmt::print("FAILED seed {}, after command {}: {}\n", seed, end.command, end.problem);
    for (const std::string& line : end.last) fmt::print("  {}\n", line);
    fmt::print("replay: {}\n", replay_command("ledger", seed));
    break;
  }
  int missing = 0;
  for (const Figure& figure : figures(seen)) {
    const bool never =
        figure.count == 0 && seeds.end() - seeds.begin() >= kSeedsThatShowAll && failed == 0;
    missing += never ? 1 : 0;
    fmt::print("{:<30} {:>12}{}\n", figure.name, figure.count, never ? "  NEVER HAPPENED" : "");
  }
  fmt::print("ledger simulation: {} seeds, {} failed, trace {:016x}\n", seeds.end() - seeds.begin(),
             failed, trace);
  return failed > 0 || missing > 0 ? 1 : 0;
}

}  // namespace purser::sim
