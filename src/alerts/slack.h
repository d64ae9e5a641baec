// A message as Slack's incoming webhooks take it: Block Kit, and `text` for notifications.
// Limits: 50 blocks; header 150 characters; section text 3000; 10 fields of 2000; 25 buttons of 75,
// with URLs of 3000. What is longer is cut, what is more is counted ("and 12 more").
// Source: https://docs.slack.dev/reference/block-kit/blocks and …/block-elements/button-element,
// https://docs.slack.dev/messaging/formatting-message-text (read 2026-11-25).
#pragma once

#include "http_sender.h"
#include "purser/alerts/message.h"

namespace purser::alerts {

HttpPost slack_post(const Message& message);

// mrkdwn: & < > escaped, so that no name can mention a channel or hide a link; at most so many
// characters after that, never cut within an escape.
std::string slack_text(std::string_view text, std::size_t most);

}  // namespace purser::alerts
