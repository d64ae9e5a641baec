// A client's text inside a sentence of ours: quoted, and short.
#pragma once

#include <algorithm>
#include <cctype>
#include <string>
#include <string_view>

namespace purser::gateway {

// Whether a Purser key, or enough of one, stands in a text that is kept, told or sent on.
inline bool holds_key(std::string_view text) {
  constexpr std::string_view kPrefix = "psr_";
  constexpr std::size_t kEnough = 12;
  for (auto at = text.find(kPrefix); at != std::string_view::npos;
       at = text.find(kPrefix, at + 1)) {
    const std::string_view rest = text.substr(at + kPrefix.size(), kEnough);
    if (rest.size() == kEnough &&
        std::ranges::all_of(rest, [](unsigned char c) { return std::isalnum(c) != 0; }))
      return true;
  }
  return false;
}

inline std::string shown(std::string_view text) {
  constexpr std::size_t kMostBytes = 100;
  if (holds_key(text)) return "\"psr_…\"";
  return "\"" + std::string(text.substr(0, kMostBytes)) + (text.size() > kMostBytes ? "…\"" : "\"");
}

}  // namespace purser::gateway
