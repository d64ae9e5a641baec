#include "json_text.h"

#include <gtest/gtest.h>
#include <simdjson.h>

#include <rapidcheck/gtest.h>

namespace purser::providers {
namespace {

TEST(JsonText, ReadsEveryEscape) {
  EXPECT_EQ(unquoted_text(R"("plain")"), "plain");
  EXPECT_EQ(unquoted_text(R"("\u006dodel")"), "model");
  EXPECT_EQ(unquoted_text(R"("\"\\\/\b\f\n\r\t")"), "\"\\/\b\f\n\r\t");
  EXPECT_EQ(unquoted_text(R"("\u00E9\u4e2d")"), "é中");
  EXPECT_EQ(unquoted_text(R"("\ud83d\ude00")"), "😀");
  EXPECT_EQ(unquoted_text(R"("a\u0000b")"), std::string("a\0b", 3));
}

TEST(JsonText, RefusesWhatIsNoText) {
  for (const char* token :
       {R"("\ud800")", R"("\udc00")", R"("\ud800x")", R"("\ud800\u0041")", R"("\ud800\ud800")",
        R"("\u12")", R"("\u12G4")", R"("\x41")", R"("\)", R"("a"b")", "\"a\nb\"", "\"", "", "a"}) {
    EXPECT_FALSE(unquoted_text(token).has_value()) << token;
  }
}

RC_GTEST_PROP(JsonText, WhatIsQuotedReadsBack, (const std::string& text)) {
  RC_ASSERT(unquoted_text(quoted_text(text)) == text);
}

// An independent reader agrees about what we write.
RC_GTEST_PROP(JsonText, SimdjsonReadsWhatIsQuoted, ()) {
  const auto text = *rc::gen::container<std::string>(
      rc::gen::map(rc::gen::inRange(0, 128), [](int c) { return static_cast<char>(c); }));
  simdjson::dom::parser parser;
  std::string_view read;
  RC_ASSERT(parser.parse(quoted_text(text)).get_string().get(read) == simdjson::SUCCESS);
  RC_ASSERT(read == text);
}

}  // namespace
}  // namespace purser::providers
