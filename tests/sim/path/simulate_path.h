// The whole-path simulation: many seeds, the table of faults, and the command that replays the one
// that fails.
#pragma once

#include "seeds.h"

namespace purser::sim {

// Returns the exit code: 1 where a seed failed, or a kind of fault never fired.
int simulate_path(const Seeds& seeds);

}  // namespace purser::sim
