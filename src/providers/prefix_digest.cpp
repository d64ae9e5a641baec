#include "prefix_digest.h"

#include <cstring>

#include "purser/base/check.h"
#include "purser/base/env.h"

namespace purser::providers {
namespace {

using Key = std::array<std::uint8_t, crypto_onetimeauth_KEYBYTES>;

const Key& process_key() {
  static const Key key = [] {
    Key drawn{};
    system_env().random_bytes(drawn);
    return drawn;
  }();
  return key;
}

}  // namespace

PrefixDigest::PrefixDigest() {
  const int made = crypto_onetimeauth_init(&state_, process_key().data());
  PURSER_ASSERT(made == 0);
}

void PrefixDigest::update(std::string_view bytes) {
  crypto_onetimeauth_update(&state_, reinterpret_cast<const unsigned char*>(bytes.data()),
                            bytes.size());
}

void PrefixDigest::add(std::string_view text) {
  const std::uint64_t size = text.size();
  char prefix[sizeof size];
  std::memcpy(prefix, &size, sizeof size);
  update({prefix, sizeof prefix});
  update(text);
}

void PrefixDigest::add_without(std::string_view body, Span span, const std::vector<Span>& cuts) {
  std::size_t at = span.begin;
  for (const Span cut : cuts) {
    if (cut.begin < at || cut.end > span.end) continue;
    update(body.substr(at, cut.begin - at));
    at = cut.end;
  }
  update(body.substr(at, span.end - at));
  // What was added is JSON, which ends by itself: no length is needed.
}

std::array<std::uint64_t, 2> PrefixDigest::value() const {
  crypto_onetimeauth_state copy = state_;
  unsigned char bytes[crypto_onetimeauth_BYTES];
  crypto_onetimeauth_final(&copy, bytes);
  std::array<std::uint64_t, 2> digest;
  std::memcpy(digest.data(), bytes, sizeof bytes);
  return digest;
}

}  // namespace purser::providers
