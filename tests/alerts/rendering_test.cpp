// Slack, Teams and PagerDuty: escaping and limits. Whole messages are checked where they are
// received, in tests/suites/channels.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pagerduty.h"
#include "sample.h"
#include "slack.h"
#include "teams.h"

namespace purser::alerts {
namespace {

using testing::HasSubstr;
using testing::Not;

TEST(Slack, EscapesAndNeverCutsWithinAnEscape) {
  EXPECT_EQ(slack_text("a & b <!channel>\n", 100), "a &amp; b &lt;!channel&gt; ");
  EXPECT_EQ(slack_text("&&", 10), "&amp;&amp;");
  EXPECT_EQ(slack_text("&&", 9), "&amp;…");
  EXPECT_EQ(slack_text("&&", 5), "…");
  EXPECT_EQ(slack_text("abc", 3), "abc");
  EXPECT_EQ(slack_text("abcd", 3), "ab…");
  EXPECT_EQ(slack_text("💸💸", 4), "💸💸");
  EXPECT_EQ(slack_text("💸💸", 3), "💸…");
  EXPECT_EQ(slack_text("", 3), "");
}

TEST(Slack, AsksForTheAnswerThatSlackGives) {
  const HttpPost request = slack_post(sample_message());
  EXPECT_EQ(request.expected_status, 200);
  EXPECT_EQ(request.expected_answer, "ok");
  EXPECT_THAT(request.body, HasSubstr("Ben &lt;ben@example.org&gt;"));
}

TEST(Teams, EscapesMarkdown) {
  EXPECT_EQ(teams_text("[x](https://evil) *b* _i_ `c` \\", 100),
            "\\[x\\](https://evil) \\*b\\* \\_i\\_ \\`c\\` \\\\");
  EXPECT_EQ(teams_text("USD 1.00 (82 %)", 100), "USD 1.00 (82 %)");
}

TEST(Teams, FitsWhateverTheMessage) {
  Message message = sample_message();
  message.title = std::string(100'000, '[');
  message.paragraphs.assign(100, std::string(5'000, '*'));
  message.facts.assign(100, {std::string(500, '_'), std::string(5'000, '_')});
  message.breakdowns.assign(20, {std::string(500, '['), {}});
  for (Breakdown& breakdown : message.breakdowns) {
    breakdown.parts.assign(100, {"\"\"\"\"\"\"\"\"" + std::string(500, '\\'), "USD 1.00", 1});
  }
  message.links.assign(20, {"\"\"\"\"\"\"", "https://example.org/" + std::string(1'900, 'x')});
  EXPECT_LE(teams_post(message).body.size(), std::size_t{28} * 1024);
}

TEST(PagerDuty, OnePauseOneKey) {
  ChannelConfig channel;
  channel.routing_key = "R";
  Message message = sample_message();
  message.pause_key = "cap_1.3";
  EXPECT_THAT(pagerduty_post(channel, message).body,
              HasSubstr(R"("event_action":"trigger","dedup_key":"cap_1.3")"));
  EXPECT_EQ(pagerduty_post(channel, message).expected_status, 202);
  message.pause_ended = true;
  EXPECT_EQ(pagerduty_post(channel, message).body,
            R"({"routing_key":"R","event_action":"resolve","dedup_key":"cap_1.3"})");
}

}  // namespace
}  // namespace purser::alerts
