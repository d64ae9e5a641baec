// The ledger simulation: one seed is one workload of thousands of commands against the pure ledger,
// checked after each (tests/ledger/world).
#pragma once

#include "seeds.h"

namespace purser::sim {

// Prints what was seen, and for a failing seed what is wrong and its replay command. Returns the
// exit code: 1 where a seed failed or something never happened.
int simulate_ledger(const Seeds& seeds);

}  // namespace purser::sim
