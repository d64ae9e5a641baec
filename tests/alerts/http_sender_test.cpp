#include "http_sender.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace purser::alerts {
namespace {

using std::chrono::seconds;
using testing::HasSubstr;

TEST(HttpSender, EveryStatusIsSentMendableOrFinal) {
  ChannelConfig channel;
  channel.name = "hook";
  channel.kind = ChannelKind::webhook;
  for (long status = 200; status < 600; ++status) {
    const SendResult result = judge_answer(channel, {}, status, "because");
    const bool mendable = status >= 500 || status == 408 || status == 425 || status == 429;
    EXPECT_EQ(result.sent, status < 300) << status;
    EXPECT_EQ(result.may_retry, mendable) << status;
    EXPECT_EQ(result.error.empty(), result.sent) << status;
    if (!result.sent) {
      EXPECT_THAT(result.error, HasSubstr(std::to_string(status)));
    }
  }
}

TEST(HttpSender, WhatIsNotTheVendorsAnswerIsNotSent) {
  ChannelConfig channel;
  channel.kind = ChannelKind::slack;
  HttpPost request;
  request.expected_status = 200;
  request.expected_answer = "ok";
  EXPECT_TRUE(judge_answer(channel, request, 200, "ok").sent);
  for (const auto& [status, answer] :
       {std::pair{200, ""}, {200, "<html>"}, {202, "ok"}, {204, ""}}) {
    const SendResult result = judge_answer(channel, request, status, answer);
    EXPECT_FALSE(result.sent) << status;
    EXPECT_FALSE(result.may_retry) << status;
  }
}

TEST(HttpSender, RetryAfterIsSecondsOrADateAndAtMostADay) {
  const Instant now{seconds{1'795'000'000}};  // 2026-11-18 11:06:40
  EXPECT_EQ(read_retry_after("0", now), seconds{0});
  EXPECT_EQ(read_retry_after("120", now), seconds{120});
  EXPECT_EQ(read_retry_after("86401", now), seconds{86400});
  EXPECT_EQ(read_retry_after("99999999999999999999", now), seconds{86400});
  EXPECT_EQ(read_retry_after("Wed, 18 Nov 2026 11:07:40 GMT", now), seconds{60});
  EXPECT_EQ(read_retry_after("Wed, 18 Nov 2026 11:05:40 GMT", now), seconds{0});
  EXPECT_EQ(read_retry_after("Fri, 18 Nov 2033 11:05:40 GMT", now), seconds{86400});
  for (const char* text : {"", "-1", "soon", "12x", "1.5"}) {
    EXPECT_EQ(read_retry_after(text, now), std::nullopt) << text;
  }
}

}  // namespace
}  // namespace purser::alerts
