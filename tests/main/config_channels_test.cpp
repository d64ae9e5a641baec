// The [[channel]] entries of purser.toml.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "config_fixture.h"

namespace purser::main {
namespace {

using alerts::ChannelKind;
using alerts::SmtpSecurity;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

constexpr const char* kSecret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
constexpr const char* kOldSecret = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD";

alerts::ChannelConfig only_channel(const Result<Config>& config) {
  if (!config.ok()) throw std::runtime_error(config.error().message);
  return config->channels.at(0);
}

TEST(ConfigChannels, WithoutEntriesThereAreNone) {
  EXPECT_THAT(ConfigFixture().load("port = 1")->channels, IsEmpty());
}

TEST(ConfigChannels, ReadsAnEmailChannelWithItsDefaults) {
  ConfigFixture fixture;
  const auto channel = only_channel(fixture.load(R"(
    [[channel]]
    name = "mail"
    kind = "email"
    host = "mail.example.org"
    from = "Purser <purser@example.org>"
  )"));
  EXPECT_EQ(channel.name, "mail");
  EXPECT_EQ(channel.kind, ChannelKind::email);
  EXPECT_EQ(channel.smtp.host, "mail.example.org");
  EXPECT_EQ(channel.smtp.port, 587);
  EXPECT_EQ(channel.smtp.security, SmtpSecurity::starttls);
  EXPECT_EQ(channel.smtp.from_name, "Purser");
  EXPECT_EQ(channel.smtp.from_address, "purser@example.org");
  EXPECT_TRUE(channel.allow_private);  // mail relays are mostly inside
  EXPECT_EQ(channel.timeout, std::chrono::seconds(30));
  EXPECT_THAT(channel.events, IsEmpty());
}

TEST(ConfigChannels, ReadsEverySettingOfEmail) {
  ConfigFixture fixture;
  fixture.write("mail.password", "correct horse\n");
  const auto channel = only_channel(fixture.load(R"(
    [[channel]]
    name = "mail"
    kind = "email"
    host = "10.0.0.5"
    port = 2465
    security = "tls"
    user = "purser"
    password_file = "mail.password"
    from = "purser@example.org"
    ca_file = "ca.pem"
    allow_private = false
    timeout_seconds = 2.5
    events = ["cap.*", "raise.asked"]
    teams = ["research"]
  )"));
  EXPECT_EQ(channel.smtp.port, 2465);
  EXPECT_EQ(channel.smtp.security, SmtpSecurity::tls);
  EXPECT_EQ(channel.smtp.user, "purser");
  EXPECT_EQ(channel.smtp.password, "correct horse");
  EXPECT_EQ(channel.ca_file, fixture.directory() + "/ca.pem");
  EXPECT_FALSE(channel.allow_private);
  EXPECT_EQ(channel.timeout, std::chrono::milliseconds(2500));
  EXPECT_THAT(channel.events, ElementsAre("cap.*", "raise.asked"));
  EXPECT_THAT(channel.teams, ElementsAre("research"));
}

TEST(ConfigChannels, ReadsTheOtherKindsAndTheirSecrets) {
  ConfigFixture fixture;
  fixture.variables["SLACK_URL"] = "https://hooks.slack.com/services/T0/B0/x";
  fixture.write("teams.url", "https://example.api.powerplatform.com/flow?sig=a%2Fb&v=1\n");
  Result<Config> config = fixture.load(std::string(R"(
    [[channel]]
    name = "slack"
    kind = "slack"
    url_env = "SLACK_URL"
    [[channel]]
    name = "teams"
    kind = "teams"
    url_file = "teams.url"
    [[channel]]
    name = "pager"
    kind = "pagerduty"
    routing_key = "R0123456789ABCDEFR0123456789ABCD"
    [[channel]]
    name = "hook"
    kind = "webhook"
    url = "http://127.0.0.1:8000/purser"
    allow_private = true
)") + "    secret = \"" + kSecret + "\"\n    previous_secret = \"" +
                                       kOldSecret + "\"\n");
  ASSERT_TRUE(config.ok()) << config.error().message;
  ASSERT_EQ(config->channels.size(), 4u);
  EXPECT_EQ(config->channels[0].url, "https://hooks.slack.com/services/T0/B0/x");
  EXPECT_EQ(config->channels[1].url, "https://example.api.powerplatform.com/flow?sig=a%2Fb&v=1");
  EXPECT_EQ(config->channels[2].url, "https://events.pagerduty.com/v2/enqueue");
  EXPECT_EQ(config->channels[2].routing_key, "R0123456789ABCDEFR0123456789ABCD");
  EXPECT_THAT(config->channels[3].secrets, ElementsAre(kSecret, kOldSecret));
  EXPECT_FALSE(config->channels[0].allow_private);
  EXPECT_TRUE(config->channels[3].allow_private);
}

TEST(ConfigChannels, WhatIsShownHoldsNoSecret) {
  ConfigFixture fixture;
  Result<Config> config = fixture.load(std::string(R"(
    [[channel]]
    name = "mail"
    kind = "email"
    host = "mail.example.org"
    user = "purser"
    password = "hunter2-hunter2"
    from = "purser@example.org"
    [[channel]]
    name = "slack"
    kind = "slack"
    url = "https://hooks.slack.com/services/T0/B0/very-secret"
    [[channel]]
    name = "pager"
    kind = "pagerduty"
    routing_key = "R0123456789ABCDEFR0123456789ABCD"
    [[channel]]
    name = "hook"
    kind = "webhook"
    url = "https://example.org/purser"
)") + "    secret = \"" + kSecret + "\"\n");
  ASSERT_TRUE(config.ok()) << config.error().message;
  const std::string shown = to_toml(*config);
  for (const char* secret : {"hunter2", "very-secret", "R0123456789", "MfKQ9r8G"}) {
    EXPECT_THAT(shown, Not(HasSubstr(secret)));
  }
  EXPECT_THAT(shown, HasSubstr("url = \"https://example.org/purser\""));
  EXPECT_THAT(shown, HasSubstr("host = \"mail.example.org\""));
}

struct Mistake {
  const char* text;
  const char* place;
  const char* sentence;
};

// Below the heading and the name, which stand on the lines 1 and 2.
TEST(ConfigChannels, AMistakeIsNamedWithItsPlace) {
  const Mistake mistakes[] = {
      {"kind = \"email\"\nhots = \"x\"", ":4:1:", "did you mean `host`?"},
      {"kind = \"slack\"\nhost = \"x\"", ":4:1:", "is not for channels of the kind \"slack\""},
      {"kind = \"sms\"", ":3:8:", "`channel.kind` must be \"email\", \"slack\""},
      {"", ":1:1:", "needs a `kind`"},
      {"kind = \"email\"\nfrom = \"a@b.c\"", ":1:1:", "`channel.host` must be"},
      {"kind = \"email\"\nhost = \"h\"", ":1:1:", "`channel.from`"},
      {"kind = \"email\"\nhost = \"h\"\nfrom = \"nobody\"", ":5:8:", "e-mail address"},
      {"kind = \"email\"\nhost = \"h\"\nfrom = \"a@b.c\"\nto = \"nobody\"",
       ":6:6:", "`channel.to` must be an e-mail address"},
      {"kind = \"email\"\nhost = \"a b\"\nfrom = \"a@b.c\"", ":4:8:", "`channel.host` must be"},
      {"kind = \"email\"\nhost = \"h\"\nfrom = \"a@b.c\"\nport = 0", ":6:8:", "1 to 65535"},
      {"kind = \"email\"\nhost = \"h\"\nfrom = \"a@b.c\"\nsecurity = \"ssl\"",
       ":6:12:", "must be \"starttls\", \"tls\" or \"none\""},
      {"kind = \"email\"\nhost = \"h\"\nfrom = \"a@b.c\"\nuser = \"u\"", ":1:1:", "together"},
      {"kind = \"email\"\nhost = \"h\"\nfrom = \"a@b.c\"\nuser = \"u\"\npassword = \"p\"\n"
       "security = \"none\"",
       ":1:1:", "unencrypted"},
      {"kind = \"email\"\nhost = \"h\"\nfrom = \"a@b.c\"\nuser = \"u\"\n"
       "password_env = \"NO_SUCH\"",
       ":7:16:", "\"NO_SUCH\", which is not set"},
      {"kind = \"email\"\nhost = \"h\"\nfrom = \"a@b.c\"\nuser = \"u\"\n"
       "password_file = \"/nowhere\"",
       ":7:17:", "cannot be read"},
      {"kind = \"email\"\nhost = \"h\"\nfrom = \"a@b.c\"\nuser = \"u\"\npassword = \"p\"\n"
       "password_env = \"B\"",
       ":1:1:", "takes one of `password`, `password_file` and `password_env`"},
      {"kind = \"slack\"", ":1:1:", "needs a `url`"},
      {"kind = \"slack\"\nurl = \"ftp://h/\"", ":1:1:", "needs a `url`"},
      {"kind = \"slack\"\nurl = \"https://user@h/\"", ":1:1:", "needs a `url`"},
      {"kind = \"slack\"\nurl = \"https://h/\\r\\nX: y\"", ":1:1:", "control character"},
      {"kind = \"pagerduty\"", ":1:1:", "needs a `routing_key`"},
      {"kind = \"pagerduty\"\nrouting_key = \"short\"", ":1:1:", "32 letters and digits"},
      {"kind = \"webhook\"\nurl = \"https://h/\"", ":1:1:", "needs a `secret`"},
      {"kind = \"webhook\"\nurl = \"https://h/\"\nsecret = \"whsec_c2hvcnQ=\"",
       ":1:1:", "openssl rand"},
      {"kind = \"slack\"\nurl = \"https://h/\"\nevents = [\"cap.*\", \"caps.*\"]",
       ":5:10:", "names \"caps.*\", which no event is; there are: cap.threshold, "},
      {"kind = \"slack\"\nurl = \"https://h/\"\nevents = \"cap.*\"", ":5:10:", "list"},
      {"kind = \"slack\"\nurl = \"https://h/\"\nteams = [1]", ":5:9:", "list"},
      {"kind = \"slack\"\nurl = \"https://h/\"\nallow_private = 1", ":5:17:", "true or false"},
      {"kind = \"slack\"\nurl = \"https://h/\"\ntimeout_seconds = 301", ":5:19:", "at most 300"},
      {"kind = \"slack\"\nurl = \"https://h/\"\ntimeout_seconds = nan", ":5:19:", "at most 300"},
      {"kind = \"slack\"\nurl = 5", ":4:7:", "must be a string"},
      {"kind = \"slack\"\nurl = \"https://h/\"\n[[channel]]\nname = \"a\"\nkind = \"slack\"\n"
       "url = \"https://h/\"",
       ":5:1:", "two channels named \"a\""},
  };
  ConfigFixture fixture;
  for (const Mistake& mistake : mistakes) {
    Result<Config> config = fixture.load(std::string("[[channel]]\nname = \"a\"\n") + mistake.text);
    ASSERT_FALSE(config.ok()) << mistake.text;
    EXPECT_EQ(config.error().code, "bad_config");
    EXPECT_THAT(config.error().message, HasSubstr("purser.toml" + std::string(mistake.place)));
    EXPECT_THAT(config.error().message, HasSubstr(mistake.sentence)) << mistake.text;
  }
}

TEST(ConfigChannels, AnEntryNeedsANameAndDoubleBrackets) {
  ConfigFixture fixture;
  EXPECT_THAT(fixture.load("[channel]\nname = \"a\"").error().message, HasSubstr("[[channel]]"));
  EXPECT_THAT(fixture.load("[[channel]]\nkind = \"slack\"").error().message,
              HasSubstr("needs a `name`"));
  EXPECT_THAT(fixture.load("[[channel]]\nname = \"A\"").error().message,
              HasSubstr("`channel.name` must be"));
}

// What is a secret is not repeated in the sentence that complains of it.
TEST(ConfigChannels, ErrorsHoldNoSecret) {
  ConfigFixture fixture;
  for (const char* text : {"kind = \"slack\"\nurl = \"https://hidden@h/\"",
                           "kind = \"pagerduty\"\nrouting_key = "
                           "\"hidden\"",
                           "kind = \"webhook\"\nurl = \"https://h/\"\nsecret = \"hidden\""}) {
    Result<Config> config = fixture.load(std::string("[[channel]]\nname = \"a\"\n") + text);
    ASSERT_FALSE(config.ok());
    EXPECT_THAT(config.error().message, Not(HasSubstr("hidden")));
  }
}

}  // namespace
}  // namespace purser::main
