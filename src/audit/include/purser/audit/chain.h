// The audit chain: each entry's hash covers its predecessor's hash, its own number and every
// column, so that an edit, a swap or a gap shows (I6). Pure and thread-safe.
//
// Canonical form, so that no two entries share one: every field as its length (8 bytes, big-endian)
// and its bytes; numbers as 8 bytes, big-endian. The hash is BLAKE2b with 32 bytes (RFC 7693,
// libsodium's crypto_generichash), without a key: whoever holds a printed head can check the chain.
// What it cannot show by itself is that the newest entries were cut off, or that all of it was
// written anew; a head (head.h) that somebody else holds shows that. check.h reads a chain back.
//
//   Hash hash = entry_hash(previous, entry);
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "purser/base/env.h"
#include "purser/base/id.h"

namespace purser::audit {

using Hash = std::array<std::uint8_t, 32>;
std::string to_hex(std::span<const std::uint8_t> bytes);
std::optional<Hash> from_hex(std::string_view text);  // 64 digits, of either case

struct Entry {
  Id workspace;
  std::uint64_t sequence = 0;  // from 1, without a gap
  Instant at;
  Id actor;                // zero: the system
  std::string actor_name;  // as it was then
  std::string action;      // "cap.set"
  std::string target;
  std::string from;  // JSON, or empty
  std::string to;    // JSON, or empty
  std::string reason;
};

// The first entry's predecessor is the hash of all zeros.
Hash entry_hash(const Hash& previous, const Entry& entry);

// Fields in the canonical form, hashed as they come; for digests of other rows, too.
class FieldHasher {
 public:
  explicit FieldHasher(const Hash& previous);
  FieldHasher& add(std::string_view field);
  FieldHasher& add(const Id& id);
  FieldHasher& add(std::int64_t number);
  Hash finish() const;

 private:
  std::string canonical_;
};

}  // namespace purser::audit
