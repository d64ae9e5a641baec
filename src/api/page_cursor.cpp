#include "page_cursor.h"

namespace purser::api {
namespace {

Error bad_cursor() { return Error{"bad_query", "\"after\" is the \"next\" of the page before."}; }

}  // namespace

Result<TimeCursor> parse_time_cursor(std::string_view prefix, std::string_view text) {
  TimeCursor cursor;
  cursor.id.bytes.fill(0xFF);
  if (text.empty()) return cursor;
  const auto dot = text.find('.');
  const auto id = parse_id(prefix, dot == std::string_view::npos ? "" : text.substr(dot + 1));
  std::int64_t number = 0;
  bool fits = dot != std::string_view::npos && dot > 0 && dot <= 19 && id.ok();
  for (const char c : text.substr(0, dot)) {
    fits = fits && c >= '0' && c <= '9';
    fits = fits && number <= (INT64_MAX - 9) / 10;
    if (fits) number = number * 10 + (c - '0');
  }
  if (!fits) return bad_cursor();
  return TimeCursor{number, *id};
}

std::string time_cursor(Instant at, std::string_view prefix, const Id& id) {
  return std::to_string(at.time_since_epoch().count()) + "." + to_text(prefix, id);
}

Result<std::int64_t> parse_number_cursor(std::string_view text, std::int64_t when_absent,
                                         std::size_t most_digits) {
  if (text.empty()) return when_absent;
  std::int64_t number = 0;
  for (const char c : text) {
    if (c < '0' || c > '9' || text.size() > most_digits) return bad_cursor();
    number = number * 10 + (c - '0');
  }
  return number;
}

}  // namespace purser::api
