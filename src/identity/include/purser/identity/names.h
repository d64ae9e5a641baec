// What names may look like, how two of them are told to be the same, and the prefixes of ids.
//
// A name is 1 to 100 bytes of UTF-8 without control characters, trimmed, and not of the form of an
// id (so that either can be given wherever one is asked for). Labels stand in headers and exports,
// so they are narrower: 1 to 64 letters, digits and `. _ - / :`. Names are unique without regard to
// case, for the Latin, Greek and Cyrillic letters.
#pragma once

#include <string>
#include <string_view>

#include "purser/base/result.h"

namespace purser::identity {

inline constexpr std::string_view kUserPrefix = "usr";
inline constexpr std::string_view kTeamPrefix = "team";
inline constexpr std::string_view kMembershipPrefix = "mbr";
inline constexpr std::string_view kProjectPrefix = "prj";
inline constexpr std::string_view kLabelPrefix = "lbl";
inline constexpr std::string_view kKeyPrefix = "key";
inline constexpr std::string_view kTemplatePrefix = "tpl";
inline constexpr std::string_view kCapPrefix = "cap";

inline constexpr std::size_t kMaxNameBytes = 100;
inline constexpr std::size_t kMaxLabelBytes = 64;
inline constexpr std::size_t kMaxEmailBytes = 254;

// Trimmed and checked; `what` names it in the error ("team name"). Error: bad_name.
Result<std::string> checked_name(std::string_view text, std::string_view what);
// Error: bad_label.
Result<std::string> checked_label(std::string_view text);
// Trimmed; one @, a domain with a dot. Error: bad_email.
Result<std::string> checked_email(std::string_view text);

// The form in which names are compared: lower case.
std::string folded(std::string_view text);

}  // namespace purser::identity
