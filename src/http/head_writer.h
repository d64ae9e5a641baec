// Writes heads. Framing and hop-by-hop fields are this module's own to write: those in a caller's
// list are left out. So is a field that could split the message; how many such there were is
// returned.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "purser/base/env.h"
#include "purser/http/fields.h"

namespace purser::http {

std::string_view reason_phrase(int status);

// "HTTP/1.1 200 OK\r\n"
void append_status_line(std::string& out, int status);
void append_field(std::string& out, std::string_view name, std::string_view value);
// False where the field could split the message and was left out.
bool append_field_if_valid(std::string& out, Field field);
std::size_t append_fields(std::string& out, const Fields& fields);
void append_number(std::string& out, std::uint64_t number, int base = 10);

// "Mon, 23 Nov 2026 15:04:05 GMT" (RFC 9110, 5.6.7). Valid until the thread's next call.
std::string_view http_date(Instant now);

}  // namespace purser::http
