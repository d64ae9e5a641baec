// I1, I4, I5 and I9 over random sequences of commands, against sums of 128 bits (see
// world/ledger_world.h). I2 and I3 are the store's; tests/store has their property.
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <cstdio>
#include <limits>

#include "ledger_world.h"

namespace purser::ledger {
namespace {

double percent_of(std::uint64_t part, std::uint64_t whole) {
  return 100.0 * static_cast<double>(part) / static_cast<double>(whole);
}

TEST(LedgerProperty, InvariantsHoldOverRandomCommands) {
  Distribution seen;
  EXPECT_TRUE(rc::check("I1, I4, I5, I9", [&] {
    const auto commands = *rc::gen::scale(
        4.0, rc::gen::container<std::vector<std::uint64_t>>(
                 rc::gen::inRange<std::uint64_t>(0, std::numeric_limits<std::uint64_t>::max())));
    LedgerWorld world(LedgerProfile{});
    std::string problem;
    for (const std::uint64_t command : commands) {
      problem = world.step(command, seen);
      RC_ASSERT(problem == "");
    }
    problem = world.finish(seen);
    RC_ASSERT(problem == "");
  }));
  std::printf(
      "of %llu commands: %.1f %% granted, %.1f %% refused, %.1f %% settles across cycles, %.1f %% "
      "lowered caps, %.1f %% overspends\n",
      static_cast<unsigned long long>(seen.commands), percent_of(seen.granted, seen.commands),
      percent_of(seen.refused, seen.commands),
      percent_of(seen.settled_across_cycles, seen.commands),
      percent_of(seen.lowered, seen.commands), percent_of(seen.overspent, seen.commands));
  EXPECT_GE(percent_of(seen.refused, seen.commands), 5);
  EXPECT_GE(percent_of(seen.granted, seen.commands), 5);
  EXPECT_GE(percent_of(seen.settled_across_cycles, seen.commands), 5);
  EXPECT_GE(percent_of(seen.lowered, seen.commands), 5);
}

}  // namespace
}  // namespace purser::ledger
