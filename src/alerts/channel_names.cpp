// What the reader of purser.toml needs of the channels: names, patterns and the forms of addresses
// and secrets. Nothing here sends.
#include <sodium.h>

#include <algorithm>
#include <array>

#include "purser/alerts/channel.h"
#include "text.h"

namespace purser::alerts {

namespace {

constexpr std::string_view kSecretPrefix = "whsec_";

// `*` stands for any run of characters. Linear but for the last star seen, so bounded.
bool matches(std::string_view pattern, std::string_view text) {
  std::size_t at = 0, seen = 0;
  std::size_t star = std::string_view::npos, resume = 0;
  while (seen < text.size()) {
    if (at < pattern.size() && pattern[at] == '*') {
      star = at++;
      resume = seen;
    } else if (at < pattern.size() && pattern[at] == text[seen]) {
      ++at, ++seen;
    } else if (star != std::string_view::npos) {
      at = star + 1;
      seen = ++resume;
    } else {
      return false;
    }
  }
  return pattern.find_first_not_of('*', at) == std::string_view::npos;
}

std::string_view trim(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  return text;
}

// Without the spaces and the quotes around it, however many.
std::string unquoted(std::string_view text) {
  text = trim(text);
  while (text.size() >= 2 && text.front() == '"' && text.back() == '"') {
    text = trim(text.substr(1, text.size() - 2));
  }
  return std::string(text);
}

}  // namespace

std::string_view name(ChannelKind kind) {
  switch (kind) {
    case ChannelKind::email:
      return "email";
    case ChannelKind::slack:
      return "slack";
    case ChannelKind::teams:
      return "teams";
    case ChannelKind::pagerduty:
      return "pagerduty";
    case ChannelKind::webhook:
      return "webhook";
  }
  PURSER_ASSERT(false);
}

std::optional<ChannelKind> parse_channel_kind(std::string_view text) {
  for (const ChannelKind kind : {ChannelKind::email, ChannelKind::slack, ChannelKind::teams,
                                 ChannelKind::pagerduty, ChannelKind::webhook}) {
    if (name(kind) == text) return kind;
  }
  return std::nullopt;
}

std::string_view name(SmtpSecurity security) {
  switch (security) {
    case SmtpSecurity::starttls:
      return "starttls";
    case SmtpSecurity::tls:
      return "tls";
    case SmtpSecurity::none:
      return "none";
  }
  PURSER_ASSERT(false);
}

std::optional<SmtpSecurity> parse_smtp_security(std::string_view text) {
  for (const SmtpSecurity security :
       {SmtpSecurity::starttls, SmtpSecurity::tls, SmtpSecurity::none}) {
    if (name(security) == text) return security;
  }
  return std::nullopt;
}

bool wants(const ChannelConfig& channel, std::string_view type) {
  return channel.events.empty() ||
         std::ranges::any_of(channel.events,
                             [&](const std::string& pattern) { return matches(pattern, type); });
}

bool carries(const ChannelConfig& channel, const Message& message) {
  return channel.kind != ChannelKind::pagerduty || !message.pause_key.empty();
}

bool is_channel_url(std::string_view text) {
  if (!is_web_link(text) || text.find('#') != std::string_view::npos) return false;
  text.remove_prefix(text.find("//") + 2);
  const std::string_view authority = text.substr(0, text.find_first_of("/?"));
  return !authority.empty() && authority.front() != ':' &&
         authority.find('@') == std::string_view::npos;
}

bool is_mail_address(std::string_view text) {
  const std::size_t at = text.find('@');
  // What would need quotes in an SMTP command or in a header is no address that people have.
  const auto plain = [](char c) {
    return c > ' ' && c < 0x7f && std::string_view("()<>[]:;@\\,\"").find(c) == std::string::npos;
  };
  if (at == 0 || at > 64 || at == std::string_view::npos || text.size() > 254) return false;
  const std::string_view domain = text.substr(at + 1);
  return !domain.empty() && domain.front() != '.' && domain.back() != '.' &&
         std::ranges::all_of(text.substr(0, at), plain) && std::ranges::all_of(domain, plain);
}

Result<Recipient> parse_mailbox(std::string_view text) {
  text = trim(text);
  Recipient mailbox;
  const std::size_t open = text.find('<');
  if (open == std::string_view::npos) {
    mailbox.address = text;
  } else if (text.back() == '>') {
    mailbox.address = text.substr(open + 1, text.size() - open - 2);
    mailbox.name = unquoted(one_line(text.substr(0, open)));
  }
  if (!is_mail_address(mailbox.address)) {
    return Error{"bad_address",
                 "it must be an e-mail address, such as \"purser@example.org\" or "
                 "\"Purser <purser@example.org>\""};
  }
  return mailbox;
}

bool is_webhook_secret(std::string_view text) {
  if (!text.starts_with(kSecretPrefix)) return false;
  text.remove_prefix(kSecretPrefix.size());
  std::array<unsigned char, 64> key{};
  std::size_t bytes = 0;
  const char* end = nullptr;
  const int failed = sodium_base642bin(key.data(), key.size(), text.data(), text.size(), nullptr,
                                       &bytes, &end, sodium_base64_VARIANT_ORIGINAL);
  sodium_memzero(key.data(), key.size());
  return failed == 0 && end == text.data() + text.size() && bytes >= 24;
}

}  // namespace purser::alerts
