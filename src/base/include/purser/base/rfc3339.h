// Times as text from outside, by RFC 3339. Years 1970 to 2200: what nanoseconds in 64 bits hold.
//
//   parse_rfc3339("2026-12-01T09:00:00.5+01:00");
//   parse_date("2026-12-01");
#pragma once

#include <optional>
#include <string_view>

#include "purser/base/env.h"

namespace purser {

// None: it is no such time.
std::optional<Instant> parse_rfc3339(std::string_view text);
std::optional<std::chrono::sys_days> parse_date(std::string_view text);

}  // namespace purser
