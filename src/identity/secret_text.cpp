#include "secret_text.h"

#include <algorithm>
#include <array>
#include <boost/crc.hpp>

#include "characters.h"
#include "purser/identity/key_ring.h"

namespace purser::identity {
namespace {

constexpr std::string_view kAlphabet =
    "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

std::string checksum(std::string_view text) {
  boost::crc_32_type crc;
  crc.process_bytes(text.data(), text.size());
  std::uint32_t rest = crc.checksum();
  std::string out(kChecksumDigits, '0');
  for (std::size_t i = kChecksumDigits; i-- > 0; rest /= 62) out[i] = kAlphabet[rest % 62];
  return out;
}

// Long division by 62, byte by byte.
std::string base62(std::array<std::uint8_t, 32> bits) {
  std::string out(kRandomDigits, '0');
  for (std::size_t i = kRandomDigits; i-- > 0;) {
    unsigned rest = 0;
    for (auto& byte : bits) {
      const unsigned value = rest * 256 + byte;
      byte = static_cast<std::uint8_t>(value / 62);
      rest = value % 62;
    }
    out[i] = kAlphabet[rest];
  }
  return out;
}

}  // namespace

std::string make_secret_text(std::string_view prefix, Env& env) {
  std::array<std::uint8_t, 32> bits{};
  env.random_bytes(bits);
  std::string text = std::string(prefix) + base62(bits);
  return text + checksum(text);
}

bool is_well_formed_secret(std::string_view prefix, std::string_view text) {
  if (text.size() != prefix.size() + kRandomDigits + kChecksumDigits) return false;
  if (!text.starts_with(prefix)) return false;
  if (!std::ranges::all_of(text.substr(prefix.size()), is_letter_or_digit)) return false;
  const auto split = text.size() - kChecksumDigits;
  return checksum(text.substr(0, split)) == text.substr(split);
}

std::string make_key_text(Env& env) { return make_secret_text(kKeyTextPrefix, env); }

bool is_well_formed_key(std::string_view text) {
  return is_well_formed_secret(kKeyTextPrefix, text);
}

}  // namespace purser::identity
