// A seed that ends in an abort (a broken assertion of the product) tells its replay command too.
#pragma once

#include <cstdint>
#include <string>

namespace purser::sim {

// The command that runs this one seed again.
std::string replay_command(const char* simulation, std::uint64_t seed);

// Said by a signal handler when the process aborts, from now until the next call.
void set_replay_hint(const char* simulation, std::uint64_t seed);

}  // namespace purser::sim
