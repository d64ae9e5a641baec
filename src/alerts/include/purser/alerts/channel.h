// A channel: one way by which messages leave Purser, as the operator wired it in purser.toml, and
// the sending of one message over it, once. When to try again is the dispatcher's decision.
//
//   if (wants(channel, message.type) && carries(channel, message)) {
//     SendResult result = send(system_env(), channel, message, {user.id, user.name, user.email});
//     if (!result.sent && result.may_retry) ...
//   }
//
// Threading: `send` blocks for at most `channel.timeout` (and once more while a mail server that
// has taken the mail does not say goodbye); call it from a worker thread. Everything here is
// thread-safe. A message that is repeated is recognisable: its id stands in the e-mail's
// Message-ID and X-Purser-Message-Id, in the webhook's webhook-id, and a pause's key in PagerDuty's
// dedup_key. Slack and Teams know no such thing: a repeat shows twice.
//
// Where a channel may connect to: see address_check.h. Redirects are never followed, proxies of the
// environment never used, answers read to 4 KiB.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "purser/alerts/message.h"
#include "purser/base/env.h"
#include "purser/base/id.h"

namespace purser::alerts {

enum class ChannelKind : std::uint8_t { email, slack, teams, pagerduty, webhook };
std::string_view name(ChannelKind kind);
std::optional<ChannelKind> parse_channel_kind(std::string_view text);

enum class SmtpSecurity : std::uint8_t { starttls, tls, none };
std::string_view name(SmtpSecurity security);
std::optional<SmtpSecurity> parse_smtp_security(std::string_view text);

struct SmtpConfig {
  std::string host;
  std::uint16_t port = 0;
  SmtpSecurity security = SmtpSecurity::starttls;
  std::string user;  // empty: without AUTH
  std::string password;
  std::string from_name;
  std::string from_address;
};

struct ChannelConfig {
  std::string name;
  ChannelKind kind = ChannelKind::email;
  std::vector<std::string> events;  // types or patterns such as "cap.*"; empty: all
  std::vector<std::string> teams;   // names: only what concerns these; empty: all
  bool allow_private = false;       // may connect to loopback, private and link-local addresses
  std::string ca_file;              // PEM; empty: the system's
  Duration timeout = std::chrono::seconds{30};

  SmtpConfig smtp;                   // email
  std::string to;                    // email: all of it to this address, nothing to the people
  std::string url;                   // the others
  std::string routing_key;           // pagerduty
  std::vector<std::string> secrets;  // webhook: "whsec_…", the newest first; each signs
};

// To whom an e-mail goes. The other kinds have a place of their own and ignore it.
struct Recipient {
  Id user;  // zero: nobody in particular
  std::string name;
  std::string address;
};

struct SendResult {
  bool sent = false;
  bool may_retry = false;               // where not sent: another try can mend it
  std::string error;                    // a sentence for the operator; holds no secret
  std::optional<Duration> retry_after;  // the receiver asked for that; at most a day
};

// Whether the operator wants messages of this type here.
bool wants(const ChannelConfig& channel, std::string_view type);
// Whether the channel can say this at all: PagerDuty hears of pauses and their ends only.
bool carries(const ChannelConfig& channel, const Message& message);

SendResult send(Env& env, const ChannelConfig& channel, const Message& message,
                const Recipient& recipient);

inline constexpr const char* kPagerDutyUrl = "https://events.pagerduty.com/v2/enqueue";

// The types that messages can have, for the sentence that says which there are.
std::vector<std::string_view> event_types();

// What a configuration must hold to, shared with the reader of the file.
// http or https, a host, no user or fragment; printable ASCII of at most 2,000 bytes.
bool is_channel_url(std::string_view text);
// "Purser <purser@example.org>" or an address alone. Error: bad_address.
Result<Recipient> parse_mailbox(std::string_view text);
// A printable ASCII address with one @, at most 254 bytes: what every SMTP server takes.
bool is_mail_address(std::string_view text);
// `whsec_` and the base64 of 24 to 64 bytes.
bool is_webhook_secret(std::string_view text);

}  // namespace purser::alerts
