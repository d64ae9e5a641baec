#include "webhook.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sample.h"

namespace purser::alerts {
namespace {

constexpr const char* kSecret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
constexpr const char* kOldSecret = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD";

// The vector that the libraries of Standard Webhooks test themselves with.
TEST(Webhook, SignsAsTheSpecificationsLibrariesDo) {
  EXPECT_EQ(webhook_signature({kSecret}, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330,
                              R"({"test": 2432232314})"),
            "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
}

TEST(Webhook, EachSecretSignsByItself) {
  const std::string both = webhook_signature({kSecret, kOldSecret}, "msg_1", 1, "{}");
  EXPECT_EQ(both, webhook_signature({kSecret}, "msg_1", 1, "{}") + " " +
                      webhook_signature({kOldSecret}, "msg_1", 1, "{}"));
}

TEST(Webhook, IdTimeAndBodyAreAllSigned) {
  const std::string signature = webhook_signature({kSecret}, "msg_1", 1, "{}");
  EXPECT_NE(signature, webhook_signature({kSecret}, "msg_2", 1, "{}"));
  EXPECT_NE(signature, webhook_signature({kSecret}, "msg_1", 2, "{}"));
  EXPECT_NE(signature, webhook_signature({kSecret}, "msg_1", 1, "{ }"));
  EXPECT_NE(signature, webhook_signature({kOldSecret}, "msg_1", 1, "{}"));
}

TEST(Webhook, TheTimestampIsTheAttemptsAndTheBodyTheEvents) {
  ChannelConfig channel;
  channel.secrets = {kSecret};
  const Instant now{std::chrono::milliseconds{1'795'000'999'900}};
  const HttpPost first = webhook_post(channel, sample_message(), now);
  const HttpPost again = webhook_post(channel, sample_message(), now + std::chrono::hours{1});
  EXPECT_EQ(first.body, R"({"type":"cap.threshold","timestamp":"2026-11-18T11:06:40Z",)"
                        R"("data":{"cap":"cap_1","spent_usd":"412.10"}})");
  EXPECT_EQ(first.body, again.body);
  EXPECT_EQ(first.headers[0].second, to_text("msg", sample_message().id));
  EXPECT_EQ(first.headers[0], again.headers[0]);
  EXPECT_EQ(first.headers[1].second, "1795000999");
  EXPECT_EQ(again.headers[1].second, "1795004599");
  EXPECT_NE(first.headers[2], again.headers[2]);
}

TEST(Webhook, SecretsAreOfTheSpecifiedFormAndLength) {
  const std::string most = "whsec_" + std::string(85, 'A') + "Q==";  // 64 bytes
  EXPECT_TRUE(is_webhook_secret(kSecret));                           // 24 bytes
  EXPECT_TRUE(is_webhook_secret(most));
  for (const std::string& text :
       {std::string(), std::string("whsec_"), std::string(kSecret).substr(6),
        "whsec_" + std::string(31, 'A') + "=", std::string(kSecret) + "\n",
        std::string(kSecret) + "!", "WHSEC_" + std::string(32, 'A'),
        "whsec_" + std::string(88, 'A'), "whsec_" + std::string(32, '-')}) {
    EXPECT_FALSE(is_webhook_secret(text)) << text;
  }
}

}  // namespace
}  // namespace purser::alerts
