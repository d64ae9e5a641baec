// The [[channel]] entries: where alerts go, and what Purser shows there to be believed.
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "config_reading.h"

namespace purser::main {

namespace {

using alerts::ChannelConfig;
using alerts::ChannelKind;
using alerts::SmtpSecurity;

constexpr std::size_t kMostEntries = 64;
constexpr std::size_t kMostListed = 256;
constexpr Duration kLongestTimeout = std::chrono::seconds{300};

enum : unsigned {
  kEmail = 1U << static_cast<unsigned>(ChannelKind::email),
  kSlack = 1U << static_cast<unsigned>(ChannelKind::slack),
  kTeams = 1U << static_cast<unsigned>(ChannelKind::teams),
  kPagerDuty = 1U << static_cast<unsigned>(ChannelKind::pagerduty),
  kWebhook = 1U << static_cast<unsigned>(ChannelKind::webhook),
  kHttp = kSlack | kTeams | kPagerDuty | kWebhook,
  kEvery = kEmail | kHttp,
};

struct ChannelSetting {
  std::string_view key;
  unsigned kinds;
  bool is_secret = false;  // may stand as _file and _env too
};

constexpr ChannelSetting kSettings[] = {
    {"name", kEvery},
    {"kind", kEvery},
    {"events", kEvery},
    {"teams", kEvery},
    {"allow_private", kEvery},
    {"ca_file", kEvery},
    {"host", kEmail},
    {"timeout_seconds", kEvery},
    {"port", kEmail},
    {"security", kEmail},
    {"from", kEmail},
    {"to", kEmail},
    {"user", kEmail},
    {"password", kEmail, true},
    {"url", kHttp, true},
    {"secret", kWebhook, true},
    {"previous_secret", kWebhook, true},
    {"routing_key", kPagerDuty, true},
};

// A key of the file without the way in which its value is given.
std::string_view secret_of(std::string_view key) {
  for (const std::string_view way : {"_file", "_env"}) {
    if (key.ends_with(way)) return key.substr(0, key.size() - way.size());
  }
  return key;
}

const ChannelSetting* find_setting(std::string_view key) {
  for (const ChannelSetting& setting : kSettings) {
    if (setting.key == key || (setting.is_secret && setting.key == secret_of(key))) return &setting;
  }
  return nullptr;
}

std::vector<std::string> keys_of(unsigned kind) {
  std::vector<std::string> keys;
  for (const ChannelSetting& setting : kSettings) {
    if ((setting.kinds & kind) == 0) continue;
    keys.emplace_back(setting.key);
    if (!setting.is_secret) continue;
    keys.push_back(fmt::format("{}_file", setting.key));
    keys.push_back(fmt::format("{}_env", setting.key));
  }
  return keys;
}

class ChannelReader {
 public:
  ChannelReader(const ConfigFile& file, const Environment& environment, const toml::table& table)
      : file_(file), environment_(environment), table_(table) {}

  Result<ChannelConfig> read() {
    if (auto read = read_name_and_kind(); !read) return read.error();
    for (const auto& [key, node] : table_) {
      if (auto read = read_one(key, node); !read) return read.error();
    }
    channel_.ca_file = file_.resolve(texts_["ca_file"]);
    const bool is_email = channel_.kind == ChannelKind::email;
    if (table_.get("allow_private") == nullptr) channel_.allow_private = is_email;
    if (auto read = is_email ? read_smtp() : read_target(); !read) return read.error();
    return channel_;
  }

 private:
  Error missing(std::string_view sentence) const {
    return file_.error_at(table_.source(),
                          fmt::format("channel \"{}\" {}", channel_.name, sentence));
  }
  Error wrong(const toml::node& node, std::string_view key, std::string_view sentence) const {
    return file_.error_at(node.source(), fmt::format("`channel.{}` {}", key, sentence));
  }
  Error wrong(std::string_view key, std::string_view sentence) const {
    const toml::node* node = table_.get(key);
    return wrong(node != nullptr ? *node : static_cast<const toml::node&>(table_), key, sentence);
  }

  Result<void> read_name_and_kind() {
    const toml::node* node = table_.get("name");
    if (node == nullptr) return file_.error_at(table_.source(), "a [[channel]] needs a `name`");
    const auto name = node->value_exact<std::string>();
    if (!name || !is_entry_name(*name)) {
      return wrong(*node, "name",
                   "must be at most 64 of a-z, 0-9, `-`, `_` and `.`, beginning with a letter or "
                   "digit");
    }
    channel_.name = *name;
    const char* kinds = "\"email\", \"slack\", \"teams\", \"pagerduty\" or \"webhook\"";
    node = table_.get("kind");
    if (node == nullptr) return missing(fmt::format("needs a `kind`: {}", kinds));
    const auto kind = alerts::parse_channel_kind(node->value_exact<std::string>().value_or(""));
    if (!kind) return wrong(*node, "kind", fmt::format("must be {}", kinds));
    channel_.kind = *kind;
    return {};
  }

  Result<void> read_one(const toml::key& key, const toml::node& node) {
    const std::string_view name = key.str();
    const unsigned kind = 1U << static_cast<unsigned>(channel_.kind);
    const ChannelSetting* setting = find_setting(name);
    if (setting == nullptr) {
      return file_.error_at(key.source(),
                            unknown_setting(fmt::format("channel.{}", name), keys_of(kind)));
    }
    if ((setting->kinds & kind) == 0) {
      return file_.error_at(key.source(),
                            fmt::format("`channel.{}` is not for channels of the kind \"{}\"", name,
                                        alerts::name(channel_.kind)));
    }
    if (name == "events") return read_list(channel_.events, name, node);
    if (name == "teams") return read_list(channel_.teams, name, node);
    if (name == "port") return read_port(node);
    if (name == "timeout_seconds") return read_timeout(node);
    if (name == "allow_private") {
      const auto flag = node.value_exact<bool>();
      if (!flag) return wrong(node, name, "must be true or false");
      channel_.allow_private = *flag;
      return {};
    }
    const auto text = node.value_exact<std::string>();
    if (!text) return wrong(node, name, "must be a string, in quotation marks");
    texts_[std::string(name)] = *text;
    return {};
  }

  Result<void> read_list(std::vector<std::string>& place, std::string_view name,
                         const toml::node& node) {
    std::optional<std::vector<std::string>> listed = strings_in(node, kMostListed);
    if (!listed) {
      return wrong(node, name, fmt::format("must be a list of at most {} strings", kMostListed));
    }
    place = std::move(*listed);
    return name == "events" ? check_events(node) : Result<void>{};
  }

  // A pattern that nothing can match would keep somebody waiting for alerts that never come.
  Result<void> check_events(const toml::node& node) {
    const std::vector<std::string_view> types = alerts::event_types();
    for (const std::string& pattern : channel_.events) {
      ChannelConfig one;
      one.events = {pattern};
      const auto is_wanted = [&](std::string_view type) { return alerts::wants(one, type); };
      if (std::ranges::any_of(types, is_wanted)) continue;
      return wrong(node, "events",
                   fmt::format("names \"{}\", which no event is; there are: {}", pattern,
                               fmt::join(types, ", ")));
    }
    return {};
  }

  Result<void> read_port(const toml::node& node) {
    const auto port = node.value_exact<std::int64_t>();
    if (!port || *port < 1 || *port > 65535) {
      return wrong(node, "port", "must be a whole number from 1 to 65535");
    }
    channel_.smtp.port = static_cast<std::uint16_t>(*port);
    return {};
  }

  Result<void> read_timeout(const toml::node& node) {
    const std::optional<Duration> time = seconds_in(node);
    if (!time || *time > kLongestTimeout) {
      return wrong(node, "timeout_seconds", "must be a number of seconds above 0, at most 300");
    }
    channel_.timeout = *time;
    return {};
  }

  // The value of a secret, given in one of three ways; empty: in none.
  Result<std::string> secret(const std::string& key) {
    const std::string in_file = texts_[key + "_file"];
    const std::string in_environment = texts_[key + "_env"];
    int ways = 0;
    for (const char* way : {"", "_file", "_env"}) ways += table_.get(key + way) != nullptr ? 1 : 0;
    if (ways > 1) return missing(fmt::format("takes one of `{0}`, `{0}_file` and `{0}_env`", key));
    std::string value = texts_[key];
    if (!in_environment.empty()) {
      value = environment_(in_environment).value_or("");
      if (value.empty()) {
        return wrong(key + "_env",
                     fmt::format("names the variable \"{}\", which is not set", in_environment));
      }
    }
    if (!in_file.empty()) {
      const std::string path = file_.resolve(in_file);
      value = first_line_of(path);
      if (value.empty()) {
        return wrong(key + "_file", fmt::format("names \"{}\", which cannot be read, or its first "
                                                "line is empty",
                                                path));
      }
    }
    if (std::ranges::any_of(value, [](unsigned char c) { return c < ' ' || c == 0x7f; })) {
      return missing(fmt::format("has a line end or another control character in its `{}`", key));
    }
    return value;
  }

  Result<void> read_smtp() {
    alerts::SmtpConfig& smtp = channel_.smtp;
    smtp.host = texts_["host"];
    const bool is_host = std::ranges::all_of(smtp.host, [](char c) {
      return c > ' ' && c < 0x7f && c != '/' && c != '@' && c != '[' && c != '?' && c != '#';
    });
    if (smtp.host.empty() || smtp.host.size() > 253 || !is_host) {
      return wrong("host",
                   "must be the mail server's name or address, such as \"mail.example.org\"");
    }
    if (table_.get("security") != nullptr) {
      const auto security = alerts::parse_smtp_security(texts_["security"]);
      if (!security) return wrong("security", "must be \"starttls\", \"tls\" or \"none\"");
      smtp.security = *security;
    }
    if (smtp.port == 0) {
      smtp.port = smtp.security == SmtpSecurity::starttls ? 587
                  : smtp.security == SmtpSecurity::tls    ? 465
                                                          : 25;
    }
    Result<alerts::Recipient> from = alerts::parse_mailbox(texts_["from"]);
    if (!from) return wrong("from", from.error().message);
    smtp.from_name = from->name;
    smtp.from_address = from->address;
    channel_.to = texts_["to"];
    if (!channel_.to.empty() && !alerts::is_mail_address(channel_.to))
      return wrong("to", "must be an e-mail address, such as \"auditor@example.org\"");
    smtp.user = texts_["user"];
    Result<std::string> password = secret("password");
    if (!password) return password.error();
    smtp.password = *password;
    if (smtp.user.empty() != smtp.password.empty()) {
      return missing("needs `user` and a password together, or neither");
    }
    if (!smtp.user.empty() && smtp.security == SmtpSecurity::none) {
      return missing(
          "would send its password unencrypted; set `security` to \"starttls\" or "
          "\"tls\"");
    }
    return {};
  }

  Result<void> read_target() {
    Result<std::string> url = secret("url");
    if (!url) return url.error();
    channel_.url = *url;
    if (url->empty() && channel_.kind == ChannelKind::pagerduty) {
      channel_.url = alerts::kPagerDutyUrl;
    }
    // The URL itself is not shown: that of Slack and Teams is a secret.
    if (!alerts::is_channel_url(channel_.url)) {
      return missing(
          "needs a `url` that begins with https:// or http://, without a user or a "
          "fragment");
    }
    if (channel_.kind == ChannelKind::pagerduty) return read_routing_key();
    if (channel_.kind == ChannelKind::webhook) return read_webhook_secrets();
    return {};
  }

  Result<void> read_routing_key() {
    Result<std::string> key = secret("routing_key");
    if (!key) return key.error();
    const auto is_plain = [](unsigned char c) { return std::isalnum(c) != 0; };
    if (key->size() != 32 || !std::ranges::all_of(*key, is_plain)) {
      return missing(
          "needs a `routing_key`: the 32 letters and digits that PagerDuty shows as the "
          "integration key of Events API v2");
    }
    channel_.routing_key = *key;
    return {};
  }

  Result<void> read_webhook_secrets() {
    for (const char* key : {"secret", "previous_secret"}) {
      Result<std::string> value = secret(key);
      if (!value) return value.error();
      const bool is_optional = !channel_.secrets.empty();
      if (value->empty() && is_optional) continue;
      if (!alerts::is_webhook_secret(*value)) {
        return missing(
            fmt::format("needs a `{}`: \"whsec_\" and the base64 of 24 to 64 random "
                        "bytes; make one with: echo whsec_$(openssl rand -base64 32)",
                        key));
      }
      channel_.secrets.push_back(*value);
    }
    return {};
  }

  const ConfigFile& file_;
  const Environment& environment_;
  const toml::table& table_;
  ChannelConfig channel_;
  std::map<std::string, std::string> texts_;
};

}  // namespace

Result<std::vector<ChannelConfig>> read_channels(const toml::table* root, const ConfigFile& file,
                                                 const Environment& environment) {
  std::vector<ChannelConfig> channels;
  const toml::node* node = root != nullptr ? root->get("channel") : nullptr;
  if (node == nullptr) return channels;
  const toml::array* entries = node->as_array();
  if (entries == nullptr || entries->size() > kMostEntries) {
    return file.error_at(node->source(),
                         fmt::format("channels are written as [[channel]], in double brackets, at "
                                     "most {} of them",
                                     kMostEntries));
  }
  std::set<std::string> names;
  for (const toml::node& entry : *entries) {
    if (!entry.is_table()) return file.error_at(entry.source(), "write [[channel]]");
    Result<ChannelConfig> channel = ChannelReader(file, environment, *entry.as_table()).read();
    if (!channel) return channel.error();
    if (!names.insert(channel->name).second) {
      return file.error_at(entry.source(),
                           fmt::format("there are two channels named \"{}\"", channel->name));
    }
    channels.push_back(std::move(*channel));
  }
  return channels;
}

}  // namespace purser::main
