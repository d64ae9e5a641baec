#include "email.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sample.h"

namespace purser::alerts {
namespace {

using testing::HasSubstr;
using testing::Not;

SmtpConfig smtp() {
  SmtpConfig config;
  config.from_name = "Purser";
  config.from_address = "purser@example.org";
  return config;
}

const Instant kNow{std::chrono::seconds{1'795'000'100}};

TEST(Email, ThePlainPartIsAlignedAndWrapped) {
  EXPECT_EQ(plain_text(sample_message()),
            "Research has spent 82 % of its cap\n"
            "==================================\n"
            "\n"
            "The team Research has spent USD 412.10 of 500.00.\n"
            "\n"
            "Nothing stops yet.\n"
            "\n"
            "Spent       USD 412.10 of 500.00 (82 %)\n"
            "Cycle gone  77 %\n"
            "\n"
            "By user\n"
            "  Ana                    USD 320.00   78 %\n"
            "  Ben <ben@example.org>   USD 92.10   22 %\n"
            "\n"
            "Raise the cap:\n"
            "https://purser.example.org/raise?cap=1&by=2\n"
            "\n"
            "-- \n"
            "Purser, 2026-11-18T11:06:40Z\n" +
                to_text("msg", sample_message().id) + "\n");
}

TEST(Email, LongValuesHangUnderThemselves) {
  Message message = sample_message();
  message.facts = {{"Spent", std::string(40, 'a') + " " + std::string(40, 'b')},
                   {"A label that is much too long for a column", "1"}};
  const std::string text = plain_text(message);
  EXPECT_THAT(text, HasSubstr("Spent  " + std::string(40, 'a') + "\n       " +
                              std::string(40, 'b') + "\n"));
  EXPECT_THAT(text, HasSubstr("A label that is much too long for a column\n       1\n"));
}

TEST(Email, MorePartsThanAreShownAreCounted) {
  Message message = sample_message();
  message.breakdowns[0].parts.assign(25, {"Ana", "USD 1.00", 4});
  EXPECT_THAT(plain_text(message), HasSubstr("  and 5 more\n"));
  EXPECT_THAT(html_text(message), HasSubstr("and 5 more"));
}

TEST(Email, HtmlEscapesEveryText) {
  Message message = sample_message();
  const std::string evil = "<script>\"'&";
  message.title = message.paragraphs[0] = message.facts[0].label = message.facts[0].value =
      message.breakdowns[0].title = message.breakdowns[0].parts[0].name =
          message.breakdowns[0].parts[0].amount = message.links[0].text = evil;
  const std::string html = html_text(message);
  EXPECT_THAT(html, Not(HasSubstr("<script")));
  std::size_t seen = 0;
  const std::string escaped = "&lt;script&gt;&quot;&#39;&amp;";
  for (std::size_t at = 0; (at = html.find(escaped, at)) != std::string::npos; ++at) ++seen;
  EXPECT_EQ(seen, 9u);  // the title twice
  EXPECT_THAT(html, HasSubstr("href=\"https://purser.example.org/raise?cap=1&amp;by=2\""));
}

TEST(Email, LinksOfOtherSchemesAreLeftOut) {
  Message message = sample_message();
  message.links = {{"Press", "javascript:alert(1)"}};
  EXPECT_THAT(plain_text(message), Not(HasSubstr("Press")));
  EXPECT_THAT(html_text(message), Not(HasSubstr("Press")));
}

TEST(Email, HeadersNameTheMessageForGood) {
  Recipient recipient{{}, "Ana", "ana@example.org"};
  recipient.user.bytes[15] = 7;
  const std::string first = render_email(smtp(), sample_message(), recipient, kNow);
  const std::string again =
      render_email(smtp(), sample_message(), recipient, kNow + std::chrono::hours{5});
  const std::string id = to_text("msg", sample_message().id);
  const std::string line =
      "Message-ID: <" + id + "." + to_text("usr", recipient.user) + "@example.org>\r\n";
  for (const std::string& mail : {first, again}) {
    EXPECT_THAT(mail, HasSubstr("X-Purser-Message-Id: " + id + "\r\n"));
    EXPECT_THAT(mail, HasSubstr(line));
    EXPECT_THAT(mail, HasSubstr("Auto-Submitted: auto-generated\r\n"));
  }
  EXPECT_THAT(first, HasSubstr("Date: Wed, 18 Nov 2026 11:08:20 +0000\r\n"));
  recipient.user.bytes[15] = 8;
  EXPECT_THAT(render_email(smtp(), sample_message(), recipient, kNow), Not(HasSubstr(line)));
}

}  // namespace
}  // namespace purser::alerts
