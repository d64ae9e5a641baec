// The encodings of e-mail (RFC 5322, 2045, 2047). Lines end with CRLF, as SMTP wants them.
#pragma once

#include <string>
#include <string_view>

#include "purser/base/env.h"

namespace purser::alerts {

// A text body in lines of at most 76 characters. Line ends in it are "\n".
std::string quoted_printable(std::string_view text);

// "Subject: …" with its CRLF, folded at 76 characters; encoded words where ASCII does not do. No
// byte of `text` can begin another header.
std::string text_header(std::string_view key, std::string_view text);

// "To: Ana <ana@example.org>", quoted or encoded as the name needs. The address is as
// is_mail_address says.
std::string address_header(std::string_view key, std::string_view shown_name,
                           std::string_view address);

// "Wed, 25 Nov 2026 05:07:57 +0000"
std::string mail_date(Instant instant);

}  // namespace purser::alerts
