// A client's text inside a sentence of ours: quoted, and short.
#pragma once

#include <string>
#include <string_view>

namespace purser::gateway {

inline std::string shown(std::string_view text) {
  constexpr std::size_t kMostBytes = 100;
  return "\"" + std::string(text.substr(0, kMostBytes)) + (text.size() > kMostBytes ? "…\"" : "\"");
}

}  // namespace purser::gateway
