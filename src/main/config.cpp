#include "config.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>

#include "config_reading.h"
#include "settings.h"
#include "suggestion.h"

namespace purser::main {

namespace {

namespace fs = std::filesystem;

Error bad_config(std::string message) { return Error{"bad_config", std::move(message)}; }

std::string default_data_dir(const Environment& environment) {
  if (geteuid() == 0) return "/var/lib/purser";
  return environment("HOME").value_or(".") + "/.local/share/purser";
}

std::optional<SettingValue> value_of(const toml::node& node) {
  if (const auto text = node.value_exact<std::string>()) return *text;
  if (const auto flag = node.value_exact<bool>()) return *flag;
  if (const auto whole = node.value_exact<std::int64_t>()) return *whole;
  if (const auto real = node.value_exact<double>()) return *real;
  return std::nullopt;
}

const Setting* find_setting(const std::vector<Setting>& settings, std::string_view section,
                            std::string_view key) {
  for (const Setting& setting : settings) {
    if (setting.section == section && setting.key == key) return &setting;
  }
  return nullptr;
}

std::string unknown_key(const std::vector<Setting>& settings, const std::set<std::string>& sections,
                        const std::string& section, const std::string& key) {
  std::vector<std::string> near_ones;
  for (const Setting& setting : settings) {
    if (setting.section == section) near_ones.push_back(setting.key);
    // The right name under the wrong heading is the commonest slip of TOML.
    if (setting.section != section && setting.key == key) {
      return fmt::format("there is no setting `{}` {}; `{}` belongs {}", key,
                         section.empty() ? "at the top of the file" : "under [" + section + "]",
                         key,
                         setting.section.empty() ? "at the top of the file, before any [section]"
                                                 : "under [" + setting.section + "]");
    }
  }
  if (section.empty()) near_ones.insert(near_ones.end(), sections.begin(), sections.end());
  return unknown_setting(section.empty() ? key : section + "." + key, near_ones);
}

Result<void> read_table(const toml::table& table, const std::string& section,
                        const std::vector<Setting>& settings, const ConfigFile& file) {
  std::set<std::string> sections{"channel", "provider"};
  for (const Setting& setting : settings) {
    if (!setting.section.empty()) sections.insert(setting.section);
  }
  for (const auto& [toml_key, node] : table) {
    const std::string key{toml_key.str()};
    const bool at_top = section.empty();
    // read_providers and read_channels do.
    if (at_top && (key == "provider" || key == "channel")) continue;
    if (at_top && sections.contains(key)) {
      if (!node.is_table()) {
        return file.error_at(toml_key.source(),
                             fmt::format("`{}` is a section: write [{}]", key, key));
      }
      if (auto read = read_table(*node.as_table(), key, settings, file); !read) return read;
      continue;
    }
    const Setting* setting = find_setting(settings, section, key);
    if (setting == nullptr) {
      return file.error_at(toml_key.source(), unknown_key(settings, sections, section, key));
    }
    const std::optional<SettingValue> value = value_of(node);
    const std::string problem = value ? assign(*setting, *value) : "must be a single value";
    if (!problem.empty()) {
      return file.error_at(node.source(), fmt::format("`{}` {}", setting->path(), problem));
    }
  }
  return {};
}

Result<void> read_environment(const std::vector<Setting>& settings,
                              const Environment& environment) {
  for (const Setting& setting : settings) {
    const std::string variable = setting.environment_variable();
    const std::optional<std::string> text = environment(variable);
    if (!text || text->empty()) continue;
    const std::string problem = assign_text(setting, *text);
    if (!problem.empty()) {
      return bad_config(
          fmt::format("the environment variable {} {}; it is \"{}\"", variable, problem, *text));
    }
  }
  return {};
}

bool is_numeric_address(const std::string& address) {
  unsigned char bytes[sizeof(in6_addr)];
  return inet_pton(AF_INET, address.c_str(), bytes) == 1 ||
         inet_pton(AF_INET6, address.c_str(), bytes) == 1;
}

bool is_address_and_port(const std::string& text) {
  const std::size_t colon = text.rfind(':');
  if (colon == std::string::npos) return false;
  std::string host = text.substr(0, colon);
  if (host.size() > 2 && host.front() == '[' && host.back() == ']') {
    host = host.substr(1, host.size() - 2);
  }
  std::uint16_t port = 0;
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data() + colon + 1, end, port);
  return error == std::errc{} && stop == end && is_numeric_address(host);
}

// A path in front of our own is nothing that our pages' links know of.
bool is_public_url(std::string_view text) {
  for (const std::string_view scheme : {"https://", "http://"}) {
    if (!text.starts_with(scheme)) continue;
    const std::string_view host = text.substr(scheme.size());
    return !host.empty() && host.find_first_of("/?#@ \\\"<>") == std::string_view::npos;
  }
  return false;
}

// What no single setting can tell.
Result<void> check(const Config& config) {
  if (!is_numeric_address(config.listen)) {
    return bad_config(
        fmt::format("`listen` must be a numeric address, such as 127.0.0.1, 0.0.0.0 "
                    "or ::; it is \"{}\"",
                    config.listen));
  }
  if (!config.admin_listen.empty() && !is_address_and_port(config.admin_listen)) {
    return bad_config(
        fmt::format("`admin_listen` must be a numeric address and a port, such as "
                    "127.0.0.1:9484; it is \"{}\"",
                    config.admin_listen));
  }
  if (config.tls.certificate_file.empty() != config.tls.key_file.empty()) {
    return bad_config(
        "`tls.certificate_file` and `tls.key_file` go together: set both, or neither for plain "
        "HTTP");
  }
  const auto begins = [&](std::string_view scheme) { return config.ask_url.starts_with(scheme); };
  if (!config.ask_url.empty() && !begins("https://") && !begins("http://") && !begins("mailto:")) {
    return bad_config("`ask_url` must begin with https://, http:// or mailto:");
  }
  if (!config.public_url.empty() && !is_public_url(config.public_url)) {
    return bad_config(
        fmt::format("`public_url` must be https:// or http:// and a host, without a path, such as "
                    "https://purser.example.com; it is \"{}\"",
                    config.public_url));
  }
  if (config.limits.buffered_bytes < config.limits.body_bytes) {
    return bad_config("`limits.buffered_bytes` must be at least `limits.body_bytes`");
  }
  return {};
}

// An empty name: no file.
Result<std::string> choose_file(const ConfigSource& source) {
  std::string named = source.file;
  if (named.empty()) named = source.environment("PURSER_CONFIG").value_or("");
  if (!named.empty()) {
    if (!fs::exists(named)) {
      return Error{"no_config_file",
                   fmt::format("there is no configuration file \"{}\"; make one from "
                               "purser.toml.example, or leave --config and PURSER_CONFIG out",
                               named)};
    }
    return named;
  }
  std::string directory = source.environment("PURSER_DATA_DIR").value_or("");
  if (directory.empty()) directory = default_data_dir(source.environment);
  std::error_code ignored;
  const std::string usual = directory + "/purser.toml";
  return fs::exists(usual, ignored) ? usual : std::string();
}

Result<toml::table> parse_file(const ConfigFile& file) {
  std::ifstream stream(file.name, std::ios::binary);
  std::stringstream text;
  text << stream.rdbuf();
  if (!stream) {
    return Error{"no_config_file", fmt::format("the configuration file \"{}\" cannot be read; "
                                               "check its permissions",
                                               file.name)};
  }
  try {
    return toml::parse(text.str(), file.name);
  } catch (const toml::parse_error& error) {
    return file.error_at(error.source(), fmt::format("this is not TOML: {}", error.description()));
  }
}

Result<void> read_file(Config& config, const ConfigFile& file, const toml::table& root) {
  const std::vector<Setting> settings = settings_of(config);
  if (auto read = read_table(root, "", settings, file); !read) return read;
  for (std::string* path : {&config.data_dir, &config.tls.certificate_file, &config.tls.key_file}) {
    *path = file.resolve(*path);
  }
  return {};
}

}  // namespace

std::optional<std::string> process_environment(const std::string& name) {
  const char* value = std::getenv(name.c_str());
  if (value == nullptr) return std::nullopt;
  return std::string(value);
}

Error ConfigFile::error_at(const toml::source_region& region, std::string_view sentence) const {
  return bad_config(
      fmt::format("{}:{}:{}: {}", name, region.begin.line, region.begin.column, sentence));
}

std::string ConfigFile::resolve(const std::string& path) const {
  if (path.empty() || path.front() == '/' || directory.empty()) return path;
  return directory + "/" + path;
}

bool is_entry_name(std::string_view text) {
  const auto is_letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); };
  return !text.empty() && text.size() <= 64 && is_letter(text.front()) &&
         std::ranges::all_of(
             text, [&](char c) { return is_letter(c) || c == '-' || c == '_' || c == '.'; });
}

std::string unknown_setting(std::string_view path, const std::vector<std::string>& candidates) {
  const std::string_view key = path.substr(path.rfind('.') + 1);
  const std::string near_one = nearest(key, candidates);
  std::string sentence = fmt::format("there is no setting `{}`", path);
  if (!near_one.empty()) return sentence + fmt::format("; did you mean `{}`?", near_one);
  return sentence + "; purser.toml.example lists those that there are";
}

Result<Config> load_config(const ConfigSource& source) {
  Config config;
  Result<std::string> chosen = choose_file(source);
  if (!chosen) return chosen.error();
  config.file = *chosen;
  const ConfigFile file{*chosen, fs::path(*chosen).parent_path().string()};

  std::optional<toml::table> root;
  if (!config.file.empty()) {
    Result<toml::table> parsed = parse_file(file);
    if (!parsed) return parsed.error();
    root = std::move(*parsed);
    if (auto read = read_file(config, file, *root); !read) return read.error();
  }
  if (auto read = read_environment(settings_of(config), source.environment); !read) {
    return read.error();
  }
  if (config.data_dir.empty()) config.data_dir = default_data_dir(source.environment);
  if (auto checked = check(config); !checked) return checked.error();

  auto providers = read_providers(root ? &*root : nullptr, file, source.environment);
  if (!providers) return providers.error();
  config.providers = std::move(*providers);
  auto channels = read_channels(root ? &*root : nullptr, file, source.environment);
  if (!channels) return channels.error();
  config.channels = std::move(*channels);
  return config;
}

}  // namespace purser::main
