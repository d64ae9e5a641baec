#include "purser/base/text.h"

#include <gtest/gtest.h>

namespace purser {
namespace {

TEST(QuoteJson, EscapesWhatJsonForbids) {
  EXPECT_EQ(quote_json("a\"b\\c\n\x01"), R"("a\"b\\c\n\u0001")");
  EXPECT_EQ(quote_json("Grüße 🙂"), "\"Grüße 🙂\"");
}

TEST(QuoteJson, ReplacesWhatIsNotUtf8) {
  const std::string kReplacement = "\xEF\xBF\xBD";
  EXPECT_EQ(quote_json("\xff"), "\"" + kReplacement + "\"");
  EXPECT_EQ(quote_json("\xC0\x80"), "\"" + kReplacement + kReplacement + "\"");    // overlong
  EXPECT_EQ(quote_json("\xED\xA0\x80").size(), 2 + 3 * kReplacement.size());       // surrogate
  EXPECT_EQ(quote_json("x\xE2\x82"), "\"x" + kReplacement + kReplacement + "\"");  // cut off
}

}  // namespace
}  // namespace purser
