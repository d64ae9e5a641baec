#include "path/world.h"

#include <cstdlib>

namespace purser::sim {

Asked* World::find(std::string_view text) {
  constexpr std::string_view kMark = "mark-";
  const auto at = text.find(kMark);
  constexpr std::size_t kDigits = 6;
  if (at == std::string_view::npos || text.size() < at + kMark.size() + kDigits) return nullptr;
  const std::string digits(text.substr(at + kMark.size(), kDigits));
  const std::size_t index = std::strtoul(digits.c_str(), nullptr, 10);
  return index < asked.size() ? &asked[index] : nullptr;
}

}  // namespace purser::sim
