// What the texts of this module are made of.
#pragma once

namespace purser::identity {

// Of ASCII, whatever the locale.
inline bool is_letter_or_digit(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

}  // namespace purser::identity
