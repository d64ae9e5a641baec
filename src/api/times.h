// Instants from outside: RFC 3339, or a date of the workspace's zone.
#pragma once

#include <string_view>

#include "purser/base/calendar.h"
#include "purser/base/result.h"

namespace purser::api {

// RFC 3339, or "2026-12-01": the start of that local day. Error: bad_time.
Result<Instant> parse_time(std::string_view text, const Calendar& calendar);

}  // namespace purser::api
