// Which bytes may stand where in a head (RFC 9110, 5.5 and 5.6).
#pragma once

#include <array>
#include <string_view>

namespace purser::http {

enum : unsigned char {
  kTokenByte = 1,   // of a method, a field's name
  kValueByte = 2,   // of a field's value: visible, blank, tab, obs-text
  kTargetByte = 4,  // of a request's target: visible ASCII but "#"
  kHostByte = 8,    // of a registered name or an IPv4 address
  kHexByte = 16,
};

inline constexpr std::array<unsigned char, 256> kByteClasses = [] {
  std::array<unsigned char, 256> classes{};
  auto allow = [&](std::string_view bytes, unsigned char kind) {
    for (const char c : bytes) classes[static_cast<unsigned char>(c)] |= kind;
  };
  for (int c = 0; c < 256; ++c) {
    if (c == '\t' || (c >= 0x20 && c != 0x7f)) classes[c] |= kValueByte;
    if (c > 0x20 && c < 0x7f && c != '#') classes[c] |= kTargetByte;
    const bool letter_or_digit =
        (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
    if (letter_or_digit) classes[c] |= kTokenByte | kHostByte;
  }
  allow("!#$%&'*+-.^_`|~", kTokenByte);
  allow("-._~!$&'()*+;=%", kHostByte);
  allow("0123456789abcdefABCDEF", kHexByte);
  return classes;
}();

inline bool is_of(char c, unsigned char kind) {
  return (kByteClasses[static_cast<unsigned char>(c)] & kind) != 0;
}

inline bool all_of(std::string_view text, unsigned char kind) {
  unsigned char common = kind;
  for (const char c : text) common &= kByteClasses[static_cast<unsigned char>(c)];
  return common != 0;
}

inline bool is_token(std::string_view text) { return !text.empty() && all_of(text, kTokenByte); }

}  // namespace purser::http
