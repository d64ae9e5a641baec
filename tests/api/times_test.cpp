#include "times.h"

#include <gtest/gtest.h>

namespace purser::api {
namespace {

TEST(Times, Rfc3339) {
  const auto text = [](std::string_view in) {
    const auto instant = parse_rfc3339(in);
    return instant ? format_instant(*instant) : std::string("none");
  };
  EXPECT_EQ(text("2026-12-01T00:00:00Z"), "2026-12-01T00:00:00Z");
  EXPECT_EQ(text("2026-12-01t09:30:00.25+01:00"), "2026-12-01T08:30:00.250000000Z");
  EXPECT_EQ(text("2026-12-01 00:00:00-05:30"), "2026-12-01T05:30:00Z");
  for (const auto* bad : {"2026-12-01", "2026-12-01T00:00:00", "2026-02-29T00:00:00Z",
                          "2026-12-01T24:00:00Z", "2026-12-01T00:60:00Z", "2026-12-01T00:00:00.Z",
                          "2026-12-01T00:00:00Zx", "1969-12-31T00:00:00Z", "2201-01-01T00:00:00Z",
                          "2026-12-01T00:00:00+24:00", "26-12-01T00:00:00Z", ""})
    EXPECT_EQ(text(bad), "none") << bad;
}

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
