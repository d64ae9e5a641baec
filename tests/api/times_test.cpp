#include "times.h"

#include <gtest/gtest.h>

namespace purser::api {
namespace {

TEST(Times, DatesAreLocalDays) {
  const auto start = [](const char* zone, std::string_view date) {
    const auto calendar = Calendar::make({.zone = zone});
    return format_instant(*parse_time(date, *calendar));
  };
  EXPECT_EQ(start("UTC", "2026-12-01"), "2026-12-01T00:00:00Z");
  EXPECT_EQ(start("Europe/Berlin", "2026-12-01"), "2026-11-30T23:00:00Z");
  EXPECT_EQ(start("America/Los_Angeles", "2026-12-01"), "2026-12-01T08:00:00Z");
  EXPECT_EQ(start("Pacific/Kiritimati", "2026-12-01"), "2026-11-30T10:00:00Z");
  EXPECT_EQ(start("America/Sao_Paulo", "2018-11-04"), "2018-11-04T03:00:00Z");
  EXPECT_EQ(start("Pacific/Apia", "2011-12-30"), "2011-12-30T10:00:00Z");  // never existed
  EXPECT_EQ(start("Pacific/Apia", "2011-12-31"), "2011-12-30T10:00:00Z");
  const auto utc = Calendar::make({});
  for (const auto* bad : {"", "2026", "2026-13-01", "2026-12-1", "tomorrow"})
    EXPECT_EQ(parse_time(bad, *utc).error().code, "bad_time") << bad;
}

}  // namespace
}  // namespace purser::api
