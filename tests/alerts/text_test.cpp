#include "text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace purser::alerts {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(Text, OneLineHoldsNoControlNorBrokenByte) {
  EXPECT_EQ(one_line("a\r\nb\tc\x7f"), "a  b c ");
  EXPECT_EQ(one_line(std::string("a\0b", 3)), "a b");
  EXPECT_EQ(one_line("Zoë 予算 💸"), "Zoë 予算 💸");
  EXPECT_EQ(one_line("a\xc2\x85"
                     "b\xe2\x80\xa8"
                     "c"),
            "a b c");  // NEL, line separator
  EXPECT_EQ(one_line("a\xe2\x80\xae"
                     "b\xe2\x81\xa6"
                     "c"),
            "abc");                                                     // turns of direction
  EXPECT_EQ(one_line("\xff\xc0\xaf"), "\ufffd\ufffd\ufffd");            // invalid, overlong
  EXPECT_EQ(one_line("\xed\xa0\x80"), "\ufffd\ufffd\ufffd");            // a surrogate
  EXPECT_EQ(one_line("\xf4\x90\x80\x80"), "\ufffd\ufffd\ufffd\ufffd");  // beyond Unicode
  EXPECT_EQ(one_line("\xe4\xba"), "\ufffd\ufffd");                      // cut
}

TEST(Text, ShortenCountsAsUtf16AndCutsBetweenCharacters) {
  EXPECT_EQ(shorten("abc", 3), "abc");
  EXPECT_EQ(shorten("abcd", 3), "ab…");
  EXPECT_EQ(shorten("äöüß", 3), "äö…");
  EXPECT_EQ(shorten("💸💸", 4), "💸💸");
  EXPECT_EQ(shorten("💸💸", 3), "💸…");
  EXPECT_EQ(shorten("", 0), "");
}

TEST(Text, WrapBreaksBetweenWordsOnly) {
  EXPECT_THAT(wrap("one two  three", 7), ElementsAre("one two", "three"));
  EXPECT_THAT(wrap("a muchtoolongword b", 5), ElementsAre("a", "muchtoolongword", "b"));
  EXPECT_THAT(wrap("äöü äöü", 7), ElementsAre("äöü äöü"));
  EXPECT_THAT(wrap("  ", 5), IsEmpty());
}

TEST(Text, SomethingIsAlwaysShown) {
  EXPECT_EQ(shown_line("  title", "else", 10), "title");
  EXPECT_EQ(shown_line(" \r\n", "else", 10), "else");
  EXPECT_EQ(shown_line("", "", 10), "–");
}

TEST(Text, OnlyWebLinksAreLinks) {
  EXPECT_TRUE(is_web_link("https://purser.example.org/raise?cap=1&by=2#x"));
  EXPECT_TRUE(is_web_link("http://localhost:8484/"));
  for (const char* url :
       {"", "javascript:alert(1)", "HTTPS://x", "https://x y", "https://x\r\n", "https://x\"",
        "https://x|y", "https://x<b>", "mailto:a@b", "https://\xc3\xa4.org", "https://x\\y"}) {
    EXPECT_FALSE(is_web_link(url)) << url;
  }
  EXPECT_FALSE(is_web_link("https://" + std::string(2000, 'x')));
}

}  // namespace
}  // namespace purser::alerts
