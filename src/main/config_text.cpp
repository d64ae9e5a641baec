// How a configuration is written out, and the names of its choices.
#include <fmt/format.h>

#include "config.h"
#include "settings.h"

namespace purser::main {

std::string_view name(LogLevel level) {
  switch (level) {
    case LogLevel::error:
      return "error";
    case LogLevel::warn:
      return "warn";
    case LogLevel::info:
      return "info";
    case LogLevel::debug:
      return "debug";
  }
  PURSER_ASSERT(false);
}

std::string_view name(LogFormat format) { return format == LogFormat::text ? "text" : "json"; }

std::string_view name(ProviderKind kind) {
  switch (kind) {
    case ProviderKind::openai:
      return "openai";
    case ProviderKind::anthropic:
      return "anthropic";
    case ProviderKind::openai_compatible:
      return "openai-compatible";
    case ProviderKind::sandbox:
      return "sandbox";
  }
  PURSER_ASSERT(false);
}

namespace {

std::string quoted(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) {
      out += fmt::format("\\u{:04x}", static_cast<unsigned>(c));
    } else {
      out += c;
    }
  }
  return out + "\"";
}

std::string text_of(const std::string& value) { return quoted(value); }
std::string text_of(bool value) { return value ? "true" : "false"; }
std::string text_of(Duration value) {
  return fmt::format("{}", std::chrono::duration<double>(value).count());
}
std::string text_of(LogLevel value) { return quoted(name(value)); }
std::string text_of(LogFormat value) { return quoted(name(value)); }
template <typename Number>
std::string text_of(Number value) {
  return fmt::format("{}", value);
}

std::string list_of(const std::vector<std::string>& values) {
  std::string out;
  for (const std::string& value : values) out += (out.empty() ? "" : ", ") + quoted(value);
  return "[" + out + "]";
}

std::string provider_to_toml(const ProviderConfig& provider) {
  std::string out = "\n[[provider]]\n";
  const auto line = [&](const char* key, const std::string& value) {
    out += fmt::format("{} = {}\n", key, value);
  };
  line("name", quoted(provider.name));
  line("kind", quoted(name(provider.kind)));
  if (!provider.base_url.empty()) line("base_url", quoted(provider.base_url));
  out += provider.api_key.empty() ? "# it has no key\n" : "# its key is set, and not shown\n";
  if (!provider.models.empty()) line("models", list_of(provider.models));
  line("price_as", quoted(provider.price_as));
  if (!provider.ca_file.empty()) line("ca_file", quoted(provider.ca_file));
  line("connect_timeout_seconds", text_of(provider.connect_timeout));
  line("first_byte_timeout_seconds", text_of(provider.first_byte_timeout));
  line("idle_timeout_seconds", text_of(provider.idle_timeout));
  return out;
}

// The URL of Slack and Teams is a secret too: who has it can post.
std::string channel_to_toml(const alerts::ChannelConfig& channel) {
  using alerts::ChannelKind;
  std::string out = "\n[[channel]]\n";
  const auto line = [&](const char* key, const std::string& value) {
    out += fmt::format("{} = {}\n", key, value);
  };
  line("name", quoted(channel.name));
  line("kind", quoted(alerts::name(channel.kind)));
  if (channel.kind == ChannelKind::email) {
    line("host", quoted(channel.smtp.host));
    line("port", text_of(channel.smtp.port));
    line("security", quoted(alerts::name(channel.smtp.security)));
    if (!channel.smtp.user.empty()) line("user", quoted(channel.smtp.user));
    line("from", quoted(fmt::format("{} <{}>", channel.smtp.from_name, channel.smtp.from_address)));
    if (!channel.to.empty()) line("to", quoted(channel.to));
  }
  if (channel.kind == ChannelKind::pagerduty || channel.kind == ChannelKind::webhook) {
    line("url", quoted(channel.url));
  }
  out += "# its secrets are not shown\n";
  line("events", list_of(channel.events));
  line("teams", list_of(channel.teams));
  line("allow_private", text_of(channel.allow_private));
  if (!channel.ca_file.empty()) line("ca_file", quoted(channel.ca_file));
  line("timeout_seconds", text_of(channel.timeout));
  return out;
}

}  // namespace

std::string to_toml(const Config& config) {
  Config copy = config;
  std::string out;
  std::string section;
  for (const Setting& setting : settings_of(copy)) {
    if (setting.section != section) {
      section = setting.section;
      out += fmt::format("\n[{}]\n", section);
    }
    out += fmt::format("{} = {}\n", setting.key,
                       std::visit([](auto* place) { return text_of(*place); }, setting.place));
  }
  for (const ProviderConfig& provider : copy.providers) out += provider_to_toml(provider);
  for (const alerts::ChannelConfig& channel : copy.channels) out += channel_to_toml(channel);
  return out;
}

}  // namespace purser::main
