#include "purser/base/id.h"

namespace purser {
namespace {

constexpr std::string_view kAlphabet = "0123456789abcdefghjkmnpqrstvwxyz";
constexpr std::size_t kTextLength = 26;  // 130 bits, the first two always zero
__extension__ typedef unsigned __int128 Bits;

}  // namespace

Id make_id(Env& env) {
  Id id;
  env.random_bytes(std::span(id.bytes).subspan(6));
  auto millis = static_cast<std::uint64_t>(
      std::chrono::floor<std::chrono::milliseconds>(env.utc_now()).time_since_epoch().count());
  for (std::size_t i = 6; i-- > 0; millis >>= 8) id.bytes[i] = static_cast<std::uint8_t>(millis);
  return id;
}

std::string to_text(std::string_view prefix, const Id& id) {
  Bits bits = 0;
  for (const auto byte : id.bytes) bits = (bits << 8) | byte;
  std::string text(prefix.size() + 1 + kTextLength, '_');
  prefix.copy(text.data(), prefix.size());
  for (std::size_t i = 1; i <= kTextLength; ++i, bits >>= 5)
    text[text.size() - i] = kAlphabet[static_cast<std::size_t>(bits) & 31];
  return text;
}

Result<Id> parse_id(std::string_view prefix, std::string_view text) {
  const auto bad = [&] {
    return Error{"bad_id", "\"" + std::string(text.substr(0, 60)) + "\" is not an id of the form " +
                               std::string(prefix) + "_ and 26 letters or digits."};
  };
  if (text.size() != prefix.size() + 1 + kTextLength || !text.starts_with(prefix) ||
      text[prefix.size()] != '_')
    return bad();
  Bits bits = 0;
  for (const char c : text.substr(prefix.size() + 1)) {
    const auto digit = kAlphabet.find(c);
    if (digit == std::string_view::npos) return bad();
    if ((bits >> 123) != 0) return bad();  // the next five bits would not fit in 128
    bits = (bits << 5) | digit;
  }
  Id id;
  for (std::size_t i = 16; i-- > 0; bits >>= 8) id.bytes[i] = static_cast<std::uint8_t>(bits);
  return id;
}

}  // namespace purser
