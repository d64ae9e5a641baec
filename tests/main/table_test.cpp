#include "table.h"

#include <gtest/gtest.h>

namespace purser::main {
namespace {

TEST(Table, AlignsColumns) {
  Table table({{"TEAM", Align::left}, {"SPENT", Align::right}, {"NOTE", Align::left}});
  table.add({"engineering", "1,204.50", ""});
  table.add({"Müller", "3.00", "paused"});
  EXPECT_EQ(table.text(),
            "TEAM            SPENT  NOTE\n"
            "engineering  1,204.50\n"
            "Müller           3.00  paused\n");
}

TEST(Table, NoNameSpeaksToTheTerminal) {
  Table table({{"NAME", Align::left}});
  table.add({"a\x1b[31mb\nc\x7f\xc2\x9b"});
  EXPECT_EQ(table.text(), "NAME\na [31mb c\n");
}

TEST(ReadableAmount, GroupsThousandsAndKeepsEveryDecimal) {
  EXPECT_EQ(readable_amount("0"), "0.00");
  EXPECT_EQ(readable_amount("1234.5"), "1,234.50");
  EXPECT_EQ(readable_amount("1000000"), "1,000,000.00");
  EXPECT_EQ(readable_amount("0.000012345"), "0.000012345");
  EXPECT_EQ(readable_amount("-12345.678"), "-12,345.678");
  EXPECT_EQ(readable_amount("999"), "999.00");
  EXPECT_EQ(readable_amount("n/a"), "n/a");
  EXPECT_EQ(readable_amount(""), "");
}

}  // namespace
}  // namespace purser::main
