// Base URLs of upstreams, as an operator configures them: "https://api.openai.com",
// "http://127.0.0.1:8000/openai".
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "purser/base/result.h"

namespace purser::http {

struct Target {
  bool tls = false;
  std::string host;  // a name or an address; IPv6 without brackets
  std::uint16_t port = 0;
  std::string base_path;  // "" or "/openai"; never ends with "/"

  // As it stands in the Host field: brackets for IPv6, the port only where it is not the scheme's.
  std::string authority() const;
  bool operator==(const Target&) const = default;
};

// Scheme http or https; no user, query or fragment. Errors: `bad_url`, saying what is wrong.
Result<Target> parse_base_url(std::string_view url);

// For answers and logs of one's own: scheme://authority + base path.
std::string to_text(const Target& target);

}  // namespace purser::http
