#include "times.h"

#include "purser/base/rfc3339.h"

namespace purser::api {

Result<Instant> parse_time(std::string_view text, const Calendar& calendar) {
  if (const auto instant = parse_rfc3339(text)) return *instant;
  const auto date = parse_date(text);
  if (!date) {
    return Error{"bad_time", "\"" + std::string(text.substr(0, 40)) +
                                 "\" is not a time: give 2026-12-01 or 2026-12-01T09:00:00Z."};
  }
  // The local day lies within 14 hours before and 12 after UTC's of the same name; take the first
  // day cycle around it that carries the date, or (where that day never existed) the one after.
  Cycle day = calendar.cycle_containing(Period::day, Instant{*date - std::chrono::days(2)});
  for (int tries = 0; tries < 6; ++tries) {
    if (calendar.local_date(day.end) >= text) return day.end;
    day = calendar.cycle_after(Period::day, day.end);
  }
  return Instant{*date};
}

}  // namespace purser::api
