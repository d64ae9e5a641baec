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

// One at a time, what eight at a time must not overlook.
TEST(QuoteJson, LooksAtEveryByteWhereverItStands) {
  for (std::size_t length = 1; length <= 24; ++length)
    for (std::size_t place = 0; place < length; ++place)
      for (int byte = 1; byte < 0x80; ++byte) {
        std::string text(length, 'x');
        text[place] = static_cast<char>(byte);
        const bool escaped = byte < 0x20 || byte == '"' || byte == '\\';
        const std::string quoted = quote_json(text);
        ASSERT_EQ(quoted.size() > length + 2, escaped) << length << " " << place << " " << byte;
        if (!escaped) {
          ASSERT_EQ(quoted, "\"" + text + "\"");
        }
        ASSERT_EQ(quoted.substr(1, place), text.substr(0, place));
      }
}

TEST(AppendDigits, FillsUpWithZerosAndNeverCuts) {
  std::string text = "=";
  append_digits(text, 7, 3);
  append_digits(text, 0, 1);
  append_digits(text, 12345, 2);
  append_digits(text, 18'446'744'073'709'551'615u, 1);
  EXPECT_EQ(text, "=00701234518446744073709551615");
}

}  // namespace
}  // namespace purser
