#include "form.h"

#include <gtest/gtest.h>

#include "visit.h"

namespace purser::pages {
namespace {

TEST(Form, IsDecoded) {
  const Form form = Form::parse("a=1+2&b=%C3%A9%26&c=&empty&d=x%3Dy");
  EXPECT_EQ(form.text("a"), "1 2");
  EXPECT_EQ(form.text("b"), "é&");
  EXPECT_EQ(form.text("c"), "");
  EXPECT_EQ(form.text("d"), "x=y");
}

TEST(Form, WhatIsBrokenOrTwiceIsLeftOut) {
  const Form form = Form::parse("a=%zz&b=%4&c=1&c=2&d=ok");
  for (const char* name : {"a", "b", "c"}) EXPECT_EQ(form.text(name), "") << name;
  EXPECT_EQ(form.text("d"), "ok");
}

TEST(Form, APasswordKeepsItsSpaces) {
  const Form form = Form::parse("p=+x+");
  EXPECT_EQ(form.exact("p"), " x ");
  EXPECT_EQ(form.text("p"), "x");
}

TEST(LocalPath, IsOfOneOfOurPages) {
  for (const char* own : {"/", "/raise/cap_1?request=rrq_1", "/ask", "/ask/cap_1"})
    EXPECT_EQ(local_path(own), own);
  for (const char* foreign :
       {"", "https://evil.example.com", "//evil.example.com", "/\\evil.example.com", "\\/evil.com",
        "/raise/../../x", "/raise/cap_1#x", "/raise/a b", "/raise/cap\r\nSet-Cookie: x",
        "/api/v1/me", "javascript:alert(1)", "/raise/", "/raise//evil.com", " /ask", "/sign-inx"})
    EXPECT_EQ(local_path(foreign), "/") << foreign;
  EXPECT_EQ(local_path("/ask?" + std::string(2000, 'a')), "/");
}

TEST(Dollars, AreReadable) {
  EXPECT_EQ(dollars("1234567.5"), "$1,234,567.50");
  EXPECT_EQ(dollars("0.000012345"), "$0.000012345");
  EXPECT_EQ(dollars("-12"), "−$12.00");
  EXPECT_EQ(dollars("999"), "$999.00");
}

}  // namespace
}  // namespace purser::pages
