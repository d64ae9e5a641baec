// A store in one zone, taken through every edge of its clock in nine months.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace purser::clocks {

struct Counts {
  std::uint64_t dates = 0;        // that began
  std::uint64_t clock_sets = 0;   // summer time and back
  std::uint64_t requests = 0;     // before, at and after each
  std::uint64_t across = 0;       // held before an edge, settled after it
  std::uint64_t small_steps = 0;  // back by up to 60 s: ledger time holds still
  std::uint64_t doubts = 0;       // larger jumps: reserves refused until the clock agrees
  std::uint64_t accepted = 0;     // or until an admin accepts
  std::uint64_t restarts = 0;     // with the clock right, or behind the file
  std::uint64_t accounts = 0;     // compared in the end, to the nano
  std::vector<std::string> problems;
};

void run_zone(const std::string& zone, std::uint64_t seed, const std::string& directory,
              Counts& counts);

}  // namespace purser::clocks
