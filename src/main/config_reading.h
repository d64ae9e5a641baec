// What the parts of reading the file share: where in it an error lies.
#pragma once

#include <toml++/toml.h>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config.h"

namespace purser::main {

struct ConfigFile {
  std::string name;       // as errors show it
  std::string directory;  // relative paths in the file count from here

  // "purser.toml:7:3: sentence"
  Error error_at(const toml::source_region& region, std::string_view sentence) const;
  // Of a path in the file; an empty one stays empty.
  std::string resolve(const std::string& path) const;
};

// "there is no setting `x`; did you mean `y`?"
std::string unknown_setting(std::string_view path, const std::vector<std::string>& candidates);

// Of a provider or channel: at most 64 of a-z, 0-9, `-`, `_` and `.`, a letter or digit first.
bool is_entry_name(std::string_view text);

// What a setting of an entry may be. None: it is something else.
std::optional<Duration> seconds_in(const toml::node& node);  // above 0
// At most `most` strings of 1 to 256 bytes.
std::optional<std::vector<std::string>> strings_in(const toml::node& node, std::size_t most);
// Of a file that holds a secret; empty where it cannot be read, or the line is empty.
std::string first_line_of(const std::string& path);

// The built-in entries with the file's [[provider]] entries over and behind them, keys resolved.
// `root` null: no file.
Result<std::vector<ProviderConfig>> read_providers(const toml::table* root, const ConfigFile& file,
                                                   const Environment& environment);

// The [[channel]] entries with their secrets resolved. `root` null: no file.
Result<std::vector<alerts::ChannelConfig>> read_channels(const toml::table* root,
                                                         const ConfigFile& file,
                                                         const Environment& environment);

}  // namespace purser::main
