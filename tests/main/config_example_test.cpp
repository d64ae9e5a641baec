// purser.toml.example is the manual of the settings: it must parse, name each of them, and tell the
// truth about the defaults.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>

#include "config_fixture.h"
#include "settings.h"

namespace purser::main {
namespace {

std::string example_text() {
  std::ifstream stream(PURSER_SOURCE_DIR "/purser.toml.example");
  std::stringstream text;
  text << stream.rdbuf();
  return text.str();
}

// Settings are `#key = value`, prose is `# words`.
std::string uncommented(const std::string& text) {
  std::istringstream lines(text);
  std::string line, out;
  while (std::getline(lines, line)) {
    const bool is_setting = line.size() > 1 && line[0] == '#' && line[1] != ' ';
    out += (is_setting ? line.substr(1) : line) + "\n";
  }
  return out;
}

std::string defaults(const ConfigFixture& fixture) {
  Result<Config> config = load_config({"", fixture.environment()});
  return config ? to_toml(*config) : config.error().message;
}

TEST(ConfigExample, AsItStandsEqualsTheDefaults) {
  ConfigFixture fixture;
  Result<Config> config = fixture.load(example_text());
  ASSERT_TRUE(config.ok()) << config.error().message;
  EXPECT_EQ(to_toml(*config), defaults(fixture));
}

TEST(ConfigExample, WithEveryLineInForceEqualsTheDefaults) {
  ConfigFixture fixture;
  ASSERT_NE(uncommented(example_text()), example_text());
  Result<Config> config = fixture.load(uncommented(example_text()));
  ASSERT_TRUE(config.ok()) << config.error().message;
  EXPECT_EQ(to_toml(*config), defaults(fixture));
}

TEST(ConfigExample, NamesEverySetting) {
  Config config;
  const std::string text = uncommented(example_text());
  for (const Setting& setting : settings_of(config)) {
    EXPECT_THAT(text, testing::HasSubstr("\n" + setting.key + " = ")) << setting.path();
  }
}

// So that equality above means something: each setting shows in the text that is compared.
TEST(ConfigExample, TheTextComparedHoldsEverySetting) {
  const ConfigFixture fixture;
  for (const char* key : {"port", "level", "body_bytes", "share_divisor", "base_url", "price_as"}) {
    EXPECT_THAT(defaults(fixture), testing::HasSubstr(std::string(key) + " = "));
  }
}

}  // namespace
}  // namespace purser::main
