#include "config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "config_fixture.h"

namespace purser::main {
namespace {

using testing::EndsWith;
using testing::HasSubstr;

const ProviderConfig& provider(const Config& config, std::string_view name) {
  for (const ProviderConfig& entry : config.providers) {
    if (entry.name == name) return entry;
  }
  throw std::out_of_range("no such provider");
}

TEST(Config, WithoutAFileHasTheDefaults) {
  ConfigFixture fixture;
  Result<Config> config = load_config({"", fixture.environment()});
  ASSERT_TRUE(config.ok()) << config.error().message;
  EXPECT_EQ(config->file, "");
  EXPECT_EQ(config->listen, "127.0.0.1");
  EXPECT_EQ(config->port, 8484);
  EXPECT_EQ(config->data_dir, fixture.directory() + "/data");
  EXPECT_FALSE(config->sandbox);
  ASSERT_EQ(config->providers.size(), 3u);
  EXPECT_EQ(provider(*config, "openai").base_url, "https://api.openai.com");
  EXPECT_EQ(provider(*config, "openai").api_key, "");
}

TEST(Config, ReadsEveryKindOfValue) {
  ConfigFixture fixture;
  Result<Config> config = fixture.load(R"(
    listen = "::1"
    port = 9000
    sandbox = true
    shutdown_drain_seconds = 1.5
    [log]
    level = "debug"
    format = "json"
    [limits]
    body_bytes = 2048
    idle_timeout_seconds = 3
  )");
  ASSERT_TRUE(config.ok()) << config.error().message;
  EXPECT_EQ(config->listen, "::1");
  EXPECT_EQ(config->port, 9000);
  EXPECT_TRUE(config->sandbox);
  EXPECT_EQ(config->shutdown_drain, std::chrono::milliseconds(1500));
  EXPECT_EQ(config->log.level, LogLevel::debug);
  EXPECT_EQ(config->log.format, LogFormat::json);
  EXPECT_EQ(config->limits.body_bytes, 2048u);
  EXPECT_EQ(config->limits.idle_timeout, std::chrono::seconds(3));
}

TEST(Config, EnvironmentWinsOverTheFile) {
  ConfigFixture fixture;
  fixture.variables["PURSER_PORT"] = "9001";
  fixture.variables["PURSER_SANDBOX"] = "true";
  fixture.variables["PURSER_LOG_LEVEL"] = "warn";
  fixture.variables["PURSER_LIMITS_IDLE_TIMEOUT_SECONDS"] = "0.25";
  fixture.variables["PURSER_LISTEN"] = "";  // empty counts as not set
  Result<Config> config = fixture.load("port = 9000\nlisten = \"0.0.0.0\"\n");
  ASSERT_TRUE(config.ok()) << config.error().message;
  EXPECT_EQ(config->port, 9001);
  EXPECT_TRUE(config->sandbox);
  EXPECT_EQ(config->log.level, LogLevel::warn);
  EXPECT_EQ(config->limits.idle_timeout, std::chrono::milliseconds(250));
  EXPECT_EQ(config->listen, "0.0.0.0");
}

TEST(Config, AWrongVariableIsNamed) {
  ConfigFixture fixture;
  for (const char* port : {"99999", "-1", "80x", "tcp://10.0.0.1:80"}) {
    fixture.variables["PURSER_PORT"] = port;
    Result<Config> config = fixture.load("");
    ASSERT_FALSE(config.ok()) << port;
    EXPECT_THAT(config.error().message, HasSubstr("PURSER_PORT"));
    EXPECT_THAT(config.error().message, HasSubstr("from 0 to 65535"));
  }
}

TEST(Config, FindsTheFileOfTheVariableThenOfTheDataDirectory) {
  ConfigFixture fixture;
  fixture.write("data/purser.toml", "port = 7001");
  EXPECT_EQ(load_config({"", fixture.environment()})->port, 7001);
  fixture.variables["PURSER_CONFIG"] = fixture.write("other.toml", "port = 7002");
  EXPECT_EQ(load_config({"", fixture.environment()})->port, 7002);
  EXPECT_EQ(load_config({fixture.write("named.toml", "port = 7003"), fixture.environment()})->port,
            7003);
}

TEST(Config, AFileThatIsNamedMustExist) {
  ConfigFixture fixture;
  Result<Config> config = load_config({"/nowhere/purser.toml", fixture.environment()});
  ASSERT_FALSE(config.ok());
  EXPECT_EQ(config.error().code, "no_config_file");
}

struct Mistake {
  const char* text;
  const char* place;     // line and column
  const char* sentence;  // a part of it
};

TEST(Config, AMistakeIsNamedWithItsPlace) {
  const Mistake mistakes[] = {
      {"prot = 8484", ":1:1:", "there is no setting `prot`; did you mean `port`?"},
      {"\n[limits]\n  hed_bytes = 1", ":3:3:", "did you mean `head_bytes`?"},
      {"body_bytes = 4096", ":1:1:", "`body_bytes` belongs under [limits]"},
      {"[log]\nport = 1", ":2:1:", "`port` belongs at the top of the file"},
      {"colour = 1", ":1:1:", "purser.toml.example lists those that there are"},
      {"[limit]\nhead_bytes = 4096", ":1:2:", "did you mean `limits`?"},
      {"port = \"8484\"", ":1:8:", "`port` must be a whole number from 0 to 65535"},
      {"port = 65536", ":1:8:", "`port` must be a whole number from 0 to 65535"},
      {"sandbox = 1", ":1:11:", "`sandbox` must be true or false"},
      {"listen = [1]", ":1:10:", "`listen` must be a single value"},
      {"[log]\nlevel = \"loud\"", ":2:9:", "must be \"error\", \"warn\", \"info\" or \"debug\""},
      {"shutdown_drain_seconds = -1", ":1:26:", "must be a number of seconds from 0 to 86400"},
      {"shutdown_drain_seconds = nan", ":1:26:", "must be a number of seconds"},
      {"tls = 1", ":1:1:", "write [tls]"},
      {"port = ", ":1:", "this is not TOML"},
      {"port = 1\nport = 2", ":2:", "this is not TOML"},
      {"[provider]\nname = \"a\"", ":1:1:", "[[provider]]"},
      {"[[provider]]\nkind = \"openai\"", ":1:1:", "needs a `name`"},
      {"[[provider]]\nname = \"a/b\"", ":2:8:", "`provider.name` must be"},
      {"[[provider]]\nname = \"a\"\nbase_url = \"http://h\"", ":1:1:", "needs a `kind`"},
      {"[[provider]]\nname = \"a\"\nkind = \"x\"", ":3:8:", "`provider.kind` must be"},
      {"[[provider]]\nname = \"a\"\nkind = \"openai\"", ":1:1:", "needs a `base_url`"},
      {"[[provider]]\nname = \"openai\"\nbase_ulr = \"x\"", ":3:1:", "did you mean `base_url`?"},
      {"[[provider]]\nname = \"openai\"\nbase_url = \"ftp://x\"", ":3:12:", "`provider.base_url`"},
      {"[[provider]]\nname = \"openai\"\nmodels = \"gpt\"", ":3:10:", "`provider.models`"},
      {"[[provider]]\nname = \"openai\"\nidle_timeout_seconds = 0", ":3:24:", "seconds above 0"},
      {"[[provider]]\nname = \"openai\"\napi_key = \"a\"\napi_key_env = \"B\"", ":1:1:", "one of"},
      {"[[provider]]\nname = \"openai\"\n[[provider]]\nname = \"openai\"",
       ":3:1:", "two providers"},
  };
  ConfigFixture fixture;
  for (const Mistake& mistake : mistakes) {
    Result<Config> config = fixture.load(mistake.text);
    ASSERT_FALSE(config.ok()) << mistake.text;
    EXPECT_EQ(config.error().code, "bad_config");
    EXPECT_THAT(config.error().message, HasSubstr("purser.toml" + std::string(mistake.place)));
    EXPECT_THAT(config.error().message, HasSubstr(mistake.sentence)) << mistake.text;
  }
}

TEST(Config, WhatOnlyShowsTogetherIsRefused) {
  ConfigFixture fixture;
  for (const char* text :
       {"listen = \"localhost\"", "admin_listen = \"9484\"", "[tls]\nkey_file = \"k.pem\"",
        "ask_url = \"javascript:x\"", "[limits]\nbuffered_bytes = 4096"}) {
    Result<Config> config = fixture.load(text);
    ASSERT_FALSE(config.ok()) << text;
    EXPECT_EQ(config.error().code, "bad_config");
  }
}

TEST(Config, ABuiltInProviderIsChangedByItsName) {
  ConfigFixture fixture;
  fixture.variables["OPENAI_API_KEY"] = "sk-from-environment";
  Result<Config> config =
      fixture.load("[[provider]]\nname = \"openai\"\nbase_url = \"http://127.0.0.1:9999/v1/\"\n");
  ASSERT_TRUE(config.ok()) << config.error().message;
  ASSERT_EQ(config->providers.size(), 3u);
  const ProviderConfig& openai = provider(*config, "openai");
  EXPECT_EQ(openai.kind, ProviderKind::openai);
  EXPECT_EQ(openai.base_url, "http://127.0.0.1:9999");
  EXPECT_EQ(openai.api_key, "sk-from-environment");
  EXPECT_EQ(openai.price_as, "openai");
}

TEST(Config, BaseUrlsWithAndWithoutTheirVersionAreTheSame) {
  ConfigFixture fixture;
  for (const char* url : {"https://openrouter.ai/api", "https://openrouter.ai/api/",
                          "https://openrouter.ai/api/v1", "https://openrouter.ai/api/v1/"}) {
    Result<Config> config = fixture.load(
        "[[provider]]\nname = \"openrouter\"\nkind = \"openai-compatible\"\nbase_url = \"" +
        std::string(url) + "\"");
    ASSERT_TRUE(config.ok()) << config.error().message;
    EXPECT_EQ(provider(*config, "openrouter").base_url, "https://openrouter.ai/api");
  }
}

TEST(Config, AKeyComesFromTheTextAFileOrAVariable) {
  ConfigFixture fixture;
  fixture.write("key", "sk-of-file\nsecond line\n");
  fixture.variables["MY_KEY"] = "sk-of-variable";
  const auto key_of = [&](const std::string& line) {
    Result<Config> config = fixture.load("[[provider]]\nname = \"openai\"\n" + line);
    return config ? provider(*config, "openai").api_key : config.error().message;
  };
  EXPECT_EQ(key_of("api_key = \"sk-of-text\""), "sk-of-text");
  EXPECT_EQ(key_of("api_key_file = \"key\""), "sk-of-file");
  EXPECT_EQ(key_of("api_key_env = \"MY_KEY\""), "sk-of-variable");
  EXPECT_EQ(key_of("api_key_env = \"NOT_SET\""), "");
  EXPECT_THAT(key_of("api_key_file = \"none\""), HasSubstr("cannot be read"));
  EXPECT_THAT(key_of("api_key = \"two words\""), HasSubstr("no key has"));
}

TEST(Config, RelativePathsCountFromTheFile) {
  ConfigFixture fixture;
  Result<Config> config =
      fixture.load("[tls]\ncertificate_file = \"cert.pem\"\nkey_file = \"/etc/key.pem\"\n");
  ASSERT_TRUE(config.ok()) << config.error().message;
  EXPECT_THAT(config->tls.certificate_file, EndsWith("/cert.pem"));
  EXPECT_THAT(config->tls.certificate_file, HasSubstr(fixture.directory()));
  EXPECT_EQ(config->tls.key_file, "/etc/key.pem");
}

TEST(Config, ItsTextLoadsAgainAndHidesKeys) {
  ConfigFixture fixture;
  fixture.variables["ANTHROPIC_API_KEY"] = "sk-ant-secret";
  Result<Config> config = fixture.load(
      "port = 1\nask_url = \"https://ask/?q=\\\"x\\\"\"\n[[provider]]\nname = \"ollama\"\n"
      "kind = \"openai-compatible\"\nbase_url = \"http://127.0.0.1:11434\"\nmodels = [\"llama*\"]");
  ASSERT_TRUE(config.ok()) << config.error().message;
  const std::string text = to_toml(*config);
  EXPECT_THAT(text, testing::Not(HasSubstr("secret")));
  Result<Config> again = fixture.load(text);
  ASSERT_TRUE(again.ok()) << again.error().message;
  EXPECT_EQ(to_toml(*again), text);
}

}  // namespace
}  // namespace purser::main
