// Small helpers for text that goes to other programs.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace purser {

// A JSON string with its quotes. What is not valid UTF-8 becomes U+FFFD, so the result always is.
std::string quote_json(std::string_view text);
// The same, put behind what `out` holds.
void append_json(std::string& out, std::string_view text);

// `number` as eight bytes, the greatest first.
void append_big_endian(std::string& out, std::uint64_t number);

// `number` in decimal, with zeros in front up to `width` digits.
void append_digits(std::string& out, std::uint64_t number, int width);

}  // namespace purser
