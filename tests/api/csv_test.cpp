#include "csv.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace purser::api {
namespace {

using ::testing::ElementsAre;

TEST(Csv, ReadsPlainAndQuotedFields) {
  const auto rows = parse_csv("a,b\r\n\"x, \"\"y\"\"\",\"two\nlines\"\n,\n\n last , z");
  ASSERT_TRUE(rows) << rows.error().message;
  ASSERT_EQ(rows->size(), 4u);
  EXPECT_THAT((*rows)[0].fields, ElementsAre("a", "b"));
  EXPECT_THAT((*rows)[1].fields, ElementsAre("x, \"y\"", "two\nlines"));
  EXPECT_THAT((*rows)[2].fields, ElementsAre("", ""));
  EXPECT_THAT((*rows)[3].fields, ElementsAre(" last ", " z"));
  EXPECT_EQ((*rows)[1].line, 2u);
  EXPECT_EQ((*rows)[3].line, 6u);
}

TEST(Csv, SkipsTheByteOrderMarkAndTakesSemicolons) {
  const auto rows = parse_csv("\xEF\xBB\xBFname;email\nAna;ana@example.com\n");
  ASSERT_TRUE(rows);
  EXPECT_THAT((*rows)[0].fields, ElementsAre("name", "email"));
  EXPECT_THAT((*rows)[1].fields, ElementsAre("Ana", "ana@example.com"));
}

// Found by fuzzing.
TEST(Csv, FindsTheSeparatorOutsideQuotesAndBehindEmptyLines) {
  const auto titled = parse_csv("\"Name, full\";email\nAna;ana@example.com\n");
  ASSERT_TRUE(titled);
  EXPECT_THAT((*titled)[0].fields, ElementsAre("Name, full", "email"));
  EXPECT_THAT((*titled)[1].fields, ElementsAre("Ana", "ana@example.com"));
  const auto late = parse_csv("\r\n\nname;email\n");
  ASSERT_TRUE(late);
  EXPECT_THAT((*late)[0].fields, ElementsAre("name", "email"));
  const auto quoted = parse_csv("\"a;b\"\nc,d\n");
  ASSERT_TRUE(quoted);
  EXPECT_THAT((*quoted)[1].fields, ElementsAre("c", "d"));
}

TEST(Csv, NamesTheLineOfAnError) {
  const auto message = [](std::string_view text) { return parse_csv(text).error().message; };
  EXPECT_THAT(message("a\n\"b"), ::testing::StartsWith("Line 2:"));
  EXPECT_THAT(message("a\nb\nx\"y"), ::testing::StartsWith("Line 3:"));
  EXPECT_THAT(message("\"a\"b"), ::testing::StartsWith("Line 1:"));
}

TEST(Csv, IsBounded) {
  std::string rows = "a\n";
  for (std::size_t i = 0; i < kMaxCsvRows; ++i) rows += "b\n";
  EXPECT_EQ(parse_csv(rows).error().code, "bad_csv");
  EXPECT_TRUE(parse_csv(rows.substr(2)));
  EXPECT_EQ(parse_csv(std::string(kMaxCsvFields, ',')).error().code, "bad_csv");
  EXPECT_TRUE(parse_csv("")->empty());
}

}  // namespace
}  // namespace purser::api
