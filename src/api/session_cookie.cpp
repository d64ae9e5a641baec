#include "purser/api/session_cookie.h"

namespace purser::api {

std::string session_in(std::string_view cookies) {
  std::string found;
  bool is_second = false;
  while (!cookies.empty()) {
    const auto end = cookies.find(';');
    std::string_view pair = cookies.substr(0, end);
    cookies = end == std::string_view::npos ? std::string_view() : cookies.substr(end + 1);
    while (pair.starts_with(' ') || pair.starts_with('\t')) pair.remove_prefix(1);
    const auto equals = pair.find('=');
    if (equals == std::string_view::npos || pair.substr(0, equals) != kSessionCookie) continue;
    if (is_second) return {};
    is_second = true;
    found = pair.substr(equals + 1);
  }
  return found;
}

}  // namespace purser::api
