// The session that a browser sends: `purser_session` of its Cookie fields (RFC 6265, 4.2).
#pragma once

#include <string>
#include <string_view>

namespace purser::api {

inline constexpr std::string_view kSessionCookie = "purser_session";

// Of all Cookie fields of a request, joined with ';'. Empty where there is none, and where there
// are two: a page of a neighbouring host can add one, and which is ours nobody can tell.
std::string session_in(std::string_view cookies);

}  // namespace purser::api
