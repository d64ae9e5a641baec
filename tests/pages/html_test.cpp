#include "html.h"

#include <gtest/gtest.h>

#include "layout.h"

namespace purser::pages {
namespace {

constexpr const char* kHostile = R"(</style><script>alert("1")</script>'&)";

TEST(Html, TextIsEscaped) {
  EXPECT_EQ(element("p", {}, {kHostile}).code(),
            "<p>&lt;/style&gt;&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt;&#39;&amp;</p>");
}

TEST(Html, AttributesAreEscaped) {
  EXPECT_EQ(single("input", {{"value", "\" onfocus=\"x"}, {"checked", "", false}}).code(),
            "<input value=\"&quot; onfocus=&quot;x\">");
  EXPECT_EQ(hidden("next", kHostile).code().find('<', 1), std::string::npos);
}

TEST(Html, ControlCharactersBecomeSpaces) {
  EXPECT_EQ(Html(std::string("a\0b\x1b\x7f\nc", 7)).code(), "a b  \nc");
}

TEST(Layout, TitlesAreEscapedAndThePolicyIsStrict) {
  const auto response = to_response({kHostile, "x"});
  EXPECT_EQ(response.body.find("<script"), std::string::npos);
  std::string policy;
  for (const auto& [name, value] : response.fields)
    if (name == "Content-Security-Policy") policy = value;
  EXPECT_EQ(policy.find("default-src 'none'; style-src 'sha256-"), 0u);
  EXPECT_EQ(policy.find("script-src"), std::string::npos);
  EXPECT_EQ(policy.find("unsafe"), std::string::npos);
  for (const char* part : {"form-action 'self'", "base-uri 'none'", "frame-ancestors 'none'"})
    EXPECT_NE(policy.find(part), std::string::npos) << part;
}

}  // namespace
}  // namespace purser::pages
