// The trials of purser-disk. Each prints what it did and, last, one line of counts; true where
// nothing was lost.
#pragma once

#include <cstdint>
#include <string>

namespace purser::disk {

struct Size {
  std::uint64_t every = 1;  // one point of so many; 1: all
  std::string directory;    // where the stores lie while they are tried
};

bool run_power_cuts(const Size& size);
bool run_disk_errors(const Size& size);

}  // namespace purser::disk
