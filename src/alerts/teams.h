// A message as a webhook of Microsoft Teams' Workflows takes it: one Adaptive Card 1.4 in an
// envelope. At most 28 KB, as Teams says of messages; breakdowns are cut first, then sentences.
// Source: https://learn.microsoft.com/microsoftteams/platform/webhooks-and-connectors/how-to/
// connectors-using, https://learn.microsoft.com/microsoftteams/limits-specifications-teams and
// https://adaptivecards.io/schemas/adaptive-card.json, version 1.4.0 (read 2026-11-25).
#pragma once

#include "http_sender.h"
#include "purser/alerts/message.h"

namespace purser::alerts {

HttpPost teams_post(const Message& message);

// On one line, with what Adaptive Cards would read as Markdown escaped: no name can make a link.
std::string teams_text(std::string_view text, std::size_t most);

}  // namespace purser::alerts
