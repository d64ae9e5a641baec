// A JSON string as it stands in text, and the text it means.
//
//   quoted_text("a\"b")        // "a\"b" with its quotes and escapes: safe inside JSON
//   unquoted_text("\"\\u0061\"") // a
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace purser::providers {

// With the quotes. Escapes what RFC 8259 says must be escaped and leaves UTF-8 as it is.
std::string quoted_text(std::string_view text);
void append_quoted(std::string& out, std::string_view text);

// The text of one string token, given with its quotes. Empty: not one whole string token, a control
// character or an unknown escape in it, or a lone UTF-16 surrogate (it means no text at all: Python
// and Node read it, and then fail or send a replacement character).
std::optional<std::string> unquoted_text(std::string_view token);

}  // namespace purser::providers
