#include "purser/alerts/channel.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sample.h"

namespace purser::alerts {
namespace {

ChannelConfig of_kind(ChannelKind kind) {
  ChannelConfig channel;
  channel.name = "here";
  channel.kind = kind;
  return channel;
}

TEST(Channel, WantsWhatItsPatternsMatch) {
  ChannelConfig channel;
  EXPECT_TRUE(wants(channel, "cap.threshold"));
  channel.events = {"cap.*", "raise.asked"};
  EXPECT_TRUE(wants(channel, "cap.threshold"));
  EXPECT_TRUE(wants(channel, "cap."));
  EXPECT_TRUE(wants(channel, "raise.asked"));
  EXPECT_FALSE(wants(channel, "raise.asked2"));
  EXPECT_FALSE(wants(channel, "caps.threshold"));
  channel.events = {"*"};
  EXPECT_TRUE(wants(channel, "anything"));
  channel.events = {"*.*made"};
  EXPECT_TRUE(wants(channel, "key.made"));
  EXPECT_TRUE(wants(channel, "key.mademade"));
  EXPECT_FALSE(wants(channel, "key.mad"));
  channel.events = {""};
  EXPECT_FALSE(wants(channel, "key.made"));
}

TEST(Channel, PagerDutyHearsOfPausesOnly) {
  Message message = sample_message();
  EXPECT_FALSE(carries(of_kind(ChannelKind::pagerduty), message));
  EXPECT_TRUE(carries(of_kind(ChannelKind::email), message));
  message.pause_key = "k";
  EXPECT_TRUE(carries(of_kind(ChannelKind::pagerduty), message));
  message.pause_key.clear();
  const SendResult result =
      send(system_env(), of_kind(ChannelKind::pagerduty), message, Recipient{});
  EXPECT_FALSE(result.sent);
  EXPECT_FALSE(result.may_retry);
}

TEST(Channel, MailboxesAreReadWithAndWithoutAName) {
  EXPECT_EQ(parse_mailbox("a@b.c")->address, "a@b.c");
  EXPECT_EQ(parse_mailbox("a@b.c")->name, "");
  EXPECT_EQ(parse_mailbox(" Purser at ACME <a@b.c> ")->name, "Purser at ACME");
  EXPECT_EQ(parse_mailbox("\"Purser, ACME\" <a@b.c>")->name, "Purser, ACME");
  EXPECT_EQ(parse_mailbox("<a@b.c>")->address, "a@b.c");
  for (const char* text : {"", "a", "a@", "@b", "<a@b", "x <a@b> y", "a@b>", "a b@c", "a@b\r\n"}) {
    EXPECT_EQ(parse_mailbox(text).error().code, "bad_address") << text;
  }
}

TEST(Channel, MailAddressesAreThoseThatEveryServerTakes) {
  for (const char* text : {"a@b", "first.last+tag@example.org", "o'hara@example.org"}) {
    EXPECT_TRUE(is_mail_address(text)) << text;
  }
  for (const char* text : {"a@b@c", "a@b c", "a@.b", "a@b.", "\"a\"@b", "a@[127.0.0.1]", "ä@b",
                           "a@ä", "a,b@c", "a@b\n", "a<b@c"}) {
    EXPECT_FALSE(is_mail_address(text)) << text;
  }
  EXPECT_FALSE(is_mail_address(std::string(65, 'a') + "@b"));
  EXPECT_FALSE(is_mail_address("a@" + std::string(253, 'b')));
}

TEST(Channel, UrlsAreOfHttpAndNameAHost) {
  for (const char* text : {"https://h", "http://127.0.0.1:80/x?y=z", "https://[::1]/"}) {
    EXPECT_TRUE(is_channel_url(text)) << text;
  }
  for (const char* text : {"", "h", "ftp://h/", "https://", "https:///x", "https://?x",
                           "https://u@h/", "https://u:p@h/", "https://h/#x", "https://:80/"}) {
    EXPECT_FALSE(is_channel_url(text)) << text;
  }
}

TEST(Channel, NamesOfKindsAreReadBack) {
  for (const ChannelKind kind : {ChannelKind::email, ChannelKind::slack, ChannelKind::teams,
                                 ChannelKind::pagerduty, ChannelKind::webhook}) {
    EXPECT_EQ(parse_channel_kind(name(kind)), kind);
  }
  EXPECT_FALSE(parse_channel_kind("sms").has_value());
  EXPECT_THAT(event_types(), testing::Contains("cap.threshold"));
}

}  // namespace
}  // namespace purser::alerts
