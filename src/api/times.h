// Instants from outside: RFC 3339, or a date of the workspace's zone.
#pragma once

#include <optional>
#include <string_view>

#include "purser/base/calendar.h"
#include "purser/base/result.h"

namespace purser::api {

// "2026-12-01T00:00:00Z", "2026-12-01T09:00:00.5+01:00".
std::optional<Instant> parse_rfc3339(std::string_view text);

// RFC 3339, or "2026-12-01": the start of that local day. Error: bad_time.
Result<Instant> parse_time(std::string_view text, const Calendar& calendar);

}  // namespace purser::api
