// Where a page of a list ended: what "next" says and "after" brings back.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "purser/base/env.h"
#include "purser/base/id.h"
#include "purser/base/result.h"

namespace purser::api {

// Of a list by time, the newest first: "1795478400000000000.task_…", nanoseconds and an id.
struct TimeCursor {
  std::int64_t nanoseconds = INT64_MAX;
  Id id;
};
// Empty: from the start. Error: bad_query.
Result<TimeCursor> parse_time_cursor(std::string_view prefix, std::string_view text);
std::string time_cursor(Instant at, std::string_view prefix, const Id& id);

// Of a list by number. Error: bad_query.
Result<std::int64_t> parse_number_cursor(std::string_view text, std::int64_t when_absent,
                                         std::size_t most_digits);

}  // namespace purser::api
