// The list of settings that are one value each, and how a value of the file or of the environment
// goes into its place. The one list that reading, overriding, printing and "did you mean" share; a
// new setting is a member in config.h, a line here and a line in purser.toml.example.
#pragma once

#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "config.h"

namespace purser::main {

using SettingPlace = std::variant<std::string*, bool*, std::uint16_t*, std::size_t*, std::int64_t*,
                                  Duration*, LogLevel*, LogFormat*>;

struct Setting {
  std::string section;  // empty: at the top of the file
  std::string key;
  SettingPlace place;
  std::int64_t least = 0;  // of numbers; of durations, in milliseconds
  std::int64_t most = std::numeric_limits<std::int64_t>::max();

  std::string path() const;                  // "limits.body_bytes"
  std::string environment_variable() const;  // "PURSER_LIMITS_BODY_BYTES"
};

// The places point into `config`, which must outlive the list.
std::vector<Setting> settings_of(Config& config);

// A value as TOML has it. An environment variable is text that is read as its setting needs.
using SettingValue = std::variant<std::string, bool, std::int64_t, double>;

// An empty string where it went well, else what was expected: "must be a whole number from 0 to
// 65535".
std::string assign(const Setting& setting, const SettingValue& value);
std::string assign_text(const Setting& setting, const std::string& text);

// Of what two configurations differ in, the settings that a reload cannot change ("port"): they
// place, size or number what is made once. Everything else, provider entries too, is reloaded.
std::vector<std::string> changed_for_next_start(const Config& running, const Config& next);

// Seconds of a file: at most a year, so that no sum of durations can overflow.
std::optional<Duration> duration_of_seconds(double seconds);

}  // namespace purser::main
