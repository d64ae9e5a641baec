// Which seeds a run has.
#pragma once

#include <cstdint>
#include <optional>

namespace purser::sim {

struct Seeds {
  std::uint64_t count = 0;
  std::uint64_t first = 1;
  std::optional<std::uint64_t> one;  // replay this one, with what it did

  std::uint64_t begin() const { return one ? *one : first; }
  std::uint64_t end() const { return one ? *one + 1 : first + count; }
};

}  // namespace purser::sim
