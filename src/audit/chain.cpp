#include "purser/audit/chain.h"

#include <sodium.h>

#include "purser/base/check.h"
#include "purser/base/text.h"

namespace purser::audit {
namespace {

std::string_view as_text(const std::uint8_t* bytes, std::size_t size) {
  return {reinterpret_cast<const char*>(bytes), size};
}

}  // namespace

std::string to_hex(std::span<const std::uint8_t> bytes) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text;
  for (const auto byte : bytes) {
    text.push_back(kDigits[byte >> 4]);
    text.push_back(kDigits[byte & 15]);
  }
  return text;
}

std::optional<Hash> from_hex(std::string_view text) {
  Hash hash{};
  if (text.size() != 2 * hash.size()) return std::nullopt;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    int digit = 0;
    if (c >= '0' && c <= '9')
      digit = c - '0';
    else if (c >= 'a' && c <= 'f')
      digit = c - 'a' + 10;
    else if (c >= 'A' && c <= 'F')
      digit = c - 'A' + 10;
    else
      return std::nullopt;
    hash[i / 2] = static_cast<std::uint8_t>(hash[i / 2] * 16 + digit);
  }
  return hash;
}

FieldHasher::FieldHasher(const Hash& previous) {
  canonical_.reserve(512);
  add(as_text(previous.data(), previous.size()));
}

FieldHasher& FieldHasher::add(std::string_view field) {
  append_big_endian(canonical_, field.size());
  canonical_.append(field);
  return *this;
}

FieldHasher& FieldHasher::add(const Id& id) { return add(as_text(id.bytes.data(), 16)); }

FieldHasher& FieldHasher::add(std::int64_t number) {
  append_big_endian(canonical_, static_cast<std::uint64_t>(number));
  return *this;
}

Hash FieldHasher::finish() const {
  Hash hash;
  const int failed = crypto_generichash(hash.data(), hash.size(),
                                        reinterpret_cast<const unsigned char*>(canonical_.data()),
                                        canonical_.size(), nullptr, 0);
  PURSER_ASSERT(failed == 0);
  return hash;
}

Hash entry_hash(const Hash& previous, const Entry& entry) {
  return FieldHasher(previous)
      .add(entry.workspace)
      .add(static_cast<std::int64_t>(entry.sequence))
      .add(entry.at.time_since_epoch().count())
      .add(entry.actor)
      .add(entry.actor_name)
      .add(entry.action)
      .add(entry.target)
      .add(entry.from)
      .add(entry.to)
      .add(entry.reason)
      .finish();
}

}  // namespace purser::audit
