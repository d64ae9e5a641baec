// A pause as PagerDuty's Events API v2 takes it: `trigger` when it begins, `resolve` when it ends,
// with the same dedup_key, so that a repeat changes nothing.
// Limits: dedup_key 255 characters, summary 1024; an event 512 KB. The answer is 202.
// Source: https://developer.pagerduty.com/docs/send-alert-event, and its text in
// github.com/PagerDuty/developer-docs, docs/events-API-v2/02-Trigger-Events.md (read 2026-11-25).
#pragma once

#include "http_sender.h"
#include "purser/alerts/message.h"

namespace purser::alerts {

// Of a message that has a pause_key.
HttpPost pagerduty_post(const ChannelConfig& channel, const Message& message);

}  // namespace purser::alerts
