#include "mime.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>

namespace purser::alerts {
namespace {

using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::size_t at = 0;
  for (std::size_t end; (end = text.find("\r\n", at)) != std::string::npos; at = end + 2) {
    lines.push_back(text.substr(at, end - at));
  }
  EXPECT_EQ(at, text.size()) << "the last line has no end";
  return lines;
}

TEST(Mime, QuotedPrintableKeepsPlainTextReadable) {
  EXPECT_EQ(quoted_printable("Spent  USD 1.00\n\n1 + 1 = 2\n"),
            "Spent  USD 1.00\r\n\r\n1 + 1 =3D 2\r\n");
  EXPECT_EQ(quoted_printable("ä"), "=C3=A4\r\n");
  EXPECT_EQ(quoted_printable("-- \nx \ty\t"), "--=20\r\nx =09y=09\r\n");
  EXPECT_EQ(quoted_printable(""), "");
  EXPECT_EQ(quoted_printable("a\rb"), "a=0Db\r\n");
}

TEST(Mime, QuotedPrintableLinesAreNeverTooLong) {
  for (const std::string& text :
       {std::string(500, 'x'), std::string(300, '='), std::string(75, 'x') + "=",
        std::string(76, 'x'), std::string(74, 'x') + "ä"}) {
    std::string back;
    for (const std::string& line : lines_of(quoted_printable(text))) {
      EXPECT_LE(line.size(), 76u);
      back += line.ends_with('=') ? line.substr(0, line.size() - 1) : line;
    }
    EXPECT_EQ(std::count(back.begin(), back.end(), 'x'), std::count(text.begin(), text.end(), 'x'));
  }
}

TEST(Mime, AsciiSubjectsStayAndLongOnesFold) {
  EXPECT_EQ(text_header("Subject", "82 % of the cap"), "Subject: 82 % of the cap\r\n");
  const std::string folded =
      text_header("Subject", std::string(40, 'a') + " " + std::string(40, 'b') + " c");
  EXPECT_EQ(folded, "Subject: " + std::string(40, 'a') + "\r\n " + std::string(40, 'b') + " c\r\n");
}

TEST(Mime, OtherSubjectsBecomeEncodedWordsOfWholeCharacters) {
  EXPECT_EQ(text_header("Subject", "Zoë"), "Subject: =?UTF-8?B?Wm/Dqw==?=\r\n");
  std::string budgets;
  for (int times = 0; times < 40; ++times) budgets += "予算";
  for (const std::string& line : lines_of(text_header("Subject", budgets))) {
    EXPECT_LE(line.size(), 76u);
    const std::size_t begin = line.find("?B?") + 3;
    // Three bytes a character, so a word of whole characters needs no padding.
    EXPECT_EQ(line.substr(begin, line.find("?=", begin) - begin).find('='), std::string::npos);
  }
}

TEST(Mime, WhatLooksEncodedIsEncoded) {
  EXPECT_THAT(text_header("Subject", "=?UTF-8?B?aGk=?="), StartsWith("Subject: =?UTF-8?B?PT9V"));
}

TEST(Mime, NoTextBeginsAnotherHeader) {
  const std::string evil = "x\r\nBcc: all@example.org\r\n\r\nbody";
  for (const std::string& header :
       {text_header("Subject", evil), address_header("To", evil, "a@example.org"),
        text_header("Subject", evil + "ä"), address_header("To", evil + "ä", "a@example.org")}) {
    const std::vector<std::string> lines = lines_of(header);
    for (std::size_t at = 1; at < lines.size(); ++at) EXPECT_THAT(lines[at], StartsWith(" "));
    EXPECT_THAT(header, Not(HasSubstr("\r\nBcc")));
    EXPECT_THAT(header, Not(HasSubstr("\r\n\r\n")));
  }
}

TEST(Mime, NamesAreQuotedOrEncoded) {
  EXPECT_EQ(address_header("To", "Ana", "ana@example.org"), "To: \"Ana\" <ana@example.org>\r\n");
  EXPECT_EQ(address_header("To", "", "ana@example.org"), "To: ana@example.org\r\n");
  EXPECT_EQ(address_header("To", "A \"B\" \\ <x@y>, c", "a@b.c"),
            "To: \"A \\\"B\\\" \\\\ <x@y>, c\" <a@b.c>\r\n");
  EXPECT_EQ(address_header("To", "Zoë", "zoe@example.org"),
            "To: =?UTF-8?B?Wm/Dqw==?= <zoe@example.org>\r\n");
}

TEST(Mime, DatesAreThoseOfMail) {
  EXPECT_EQ(mail_date(Instant{std::chrono::seconds{1'795'000'000}}),
            "Wed, 18 Nov 2026 11:06:40 +0000");
  EXPECT_EQ(mail_date(Instant{}), "Thu, 1 Jan 1970 00:00:00 +0000");
}

}  // namespace
}  // namespace purser::alerts
