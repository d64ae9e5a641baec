// A message as an e-mail: plain text that reads well in a terminal, and HTML that reads well on a
// phone (one column, styles inline, nothing loaded from elsewhere, one button).
#pragma once

#include <string>

#include "purser/alerts/channel.h"

namespace purser::alerts {

// Wrapped at 72; facts and breakdowns aligned; each link on a line of its own, never broken.
std::string plain_text(const Message& message);
std::string html_text(const Message& message);

// Headers and both parts. The recipient's address is as is_mail_address says. `now` is the Date.
std::string render_email(const SmtpConfig& smtp, const Message& message, const Recipient& recipient,
                         Instant now);

}  // namespace purser::alerts
