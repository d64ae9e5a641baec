#include "purser/identity/names.h"

#include <gtest/gtest.h>

#include <rapidcheck/gtest.h>

#include "purser/base/id.h"

namespace purser::identity {
namespace {

TEST(Names, AreTrimmedAndBounded) {
  EXPECT_EQ(*checked_name("  Ana Müller ", "name"), "Ana Müller");
  EXPECT_EQ(checked_name("", "name").error().code, "bad_name");
  EXPECT_EQ(checked_name(" \t", "name").error().code, "bad_name");
  EXPECT_TRUE(checked_name(std::string(100, 'a'), "name"));
  EXPECT_FALSE(checked_name(std::string(101, 'a'), "name"));
}

TEST(Names, RefuseWhatCannotBeSeenOrRead) {
  const std::string bad[] = {"a\nb",
                             "a\x7f",
                             "a\xC2\x80z",
                             "a\xE2\x80\xAE"
                             "b",
                             "\xFF",
                             "\xC0\x80",
                             "\xED\xA0\x80",
                             "\xF4\x90\x80\x80",
                             "\xE2\x82",
                             std::string("a\0b", 3)};
  for (const auto& name : bad) EXPECT_FALSE(checked_name(name, "name")) << name;
}

TEST(Names, AreNotIds) {
  EXPECT_FALSE(checked_name(to_text("team", Id{}), "team name"));
  EXPECT_TRUE(checked_name("team_one", "team name"));
}

TEST(Names, FoldCaseOfEuropeanLetters) {
  EXPECT_EQ(folded("ENGINEERING"), "engineering");
  EXPECT_EQ(folded("ÄÖÜ ÉÈÇ"), "äöü éèç");
  EXPECT_EQ(folded("ŁÓDŹ Šibenik"), "łódź šibenik");
  EXPECT_EQ(folded("ΑΘΗΝΑ"), "αθηνα");
  EXPECT_EQ(folded("МОСКВА Ёлка"), "москва ёлка");
  EXPECT_EQ(folded("日本語×"), "日本語×");
}

RC_GTEST_PROP(Names, FoldingTwiceIsFoldingOnce, (const std::string& text)) {
  RC_ASSERT(folded(folded(text)) == folded(text));
}

RC_GTEST_PROP(Names, WhatIsAcceptedStaysAccepted, ()) {
  const auto text = *rc::gen::container<std::string>(rc::gen::elementOf(std::string(" abC-\t\n")));
  const auto checked = checked_name(text, "name");
  RC_CLASSIFY(checked.ok());
  if (!checked) return;
  RC_ASSERT(*checked_name(*checked, "name") == *checked);
  RC_ASSERT(checked->front() != ' ' && checked->back() != ' ');
}

TEST(Labels, AreOneWord) {
  EXPECT_EQ(*checked_label(" support-automation "), "support-automation");
  EXPECT_TRUE(checked_label("team/x:y_z.1"));
  for (const auto* bad : {"", "two words", "naïve", "a,b"}) EXPECT_FALSE(checked_label(bad)) << bad;
  EXPECT_FALSE(checked_label(std::string(65, 'a')));
}

TEST(Emails, AreChecked) {
  EXPECT_EQ(*checked_email(" Ana.Lopez+ai@mail.example.com "), "Ana.Lopez+ai@mail.example.com");
  for (const auto* bad : {"", "ana", "ana@", "@example.com", "ana@example", "a b@example.com",
                          "ana@exa_mple.com", "ana@-example.com", "ana@example..com",
                          ".ana@example.com", "a..b@example.com", "ana@example.com\n<x>",
                          "ana,b@example.com", "ana@example.com@x.org", "\"ana\"@example.com"})
    EXPECT_EQ(checked_email(bad).error().code, "bad_email") << bad;
  EXPECT_FALSE(checked_email(std::string(65, 'a') + "@example.com"));
}

}  // namespace
}  // namespace purser::identity
