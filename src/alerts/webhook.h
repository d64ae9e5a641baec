// Webhooks as Standard Webhooks 1.0.0 specifies them, signed with HMAC-SHA256.
// Source:
// https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md (read
// 2026-11-25).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "http_sender.h"
#include "purser/alerts/message.h"

namespace purser::alerts {

// {"type": …, "timestamp": …, "data": …}: the same bytes at every try.
std::string webhook_body(const Message& message);

// The value of webhook-signature: one "v1,…" for each secret, space between. A secret is as
// is_webhook_secret says.
std::string webhook_signature(const std::vector<std::string>& secrets, std::string_view id,
                              std::int64_t timestamp_seconds, std::string_view body);

HttpPost webhook_post(const ChannelConfig& channel, const Message& message, Instant now);

}  // namespace purser::alerts
