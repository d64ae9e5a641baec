#include "purser/base/rfc3339.h"

#include <gtest/gtest.h>

namespace purser {
namespace {

TEST(Rfc3339, IsReadOrNone) {
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

}  // namespace
}  // namespace purser
