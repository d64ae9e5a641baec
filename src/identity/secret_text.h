// Texts that stand for a right: a prefix, 43 digits of base 62 (256 random bits), 6 digits of base
// 62 (the CRC-32 of all that stands before). The checksum keeps nothing secret: it tells a typing
// error from a text that is not known, without asking the store.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "purser/base/env.h"

namespace purser::identity {

inline constexpr std::size_t kRandomDigits = 43;   // 62^43 > 2^256
inline constexpr std::size_t kChecksumDigits = 6;  // 62^6 > 2^32

inline constexpr std::string_view kKeyTextPrefix = "psr_";
inline constexpr std::size_t kKeyTextBytes =
    kKeyTextPrefix.size() + kRandomDigits + kChecksumDigits;

std::string make_secret_text(std::string_view prefix, Env& env);
bool is_well_formed_secret(std::string_view prefix, std::string_view text);

}  // namespace purser::identity
