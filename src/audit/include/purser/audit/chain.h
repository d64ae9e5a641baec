// The audit chain: each entry's hash covers its predecessor's hash, its own number and every
// column, so that an edit, a swap or a gap shows (I6). Pure and thread-safe.
//
// Canonical form, so that no two entries share one: every field as its length (8 bytes, big-endian)
// and its bytes; numbers as 8 bytes, big-endian. The hash is BLAKE2b with 32 bytes (RFC 7693,
// libsodium's crypto_generichash), without a key: whoever holds a printed head can check the chain.
// What it cannot show by itself is that the newest entries were cut off; the store keeps the head
// beside the chain, and a daily report carries it out of the house.
//
//   Hash head = entry_hash(previous, entry);
//   ChainCheck check;
//   for (const auto& [entry, hash] : rows) check.take(entry, hash);
//   check.problems();   // sentences; empty: intact
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "purser/base/env.h"
#include "purser/base/id.h"

namespace purser::audit {

using Hash = std::array<std::uint8_t, 32>;
std::string to_hex(const Hash& hash);

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

// Checks a chain, entry by entry. It goes on after a problem, from what the row claims, so that
// one edit is reported once and not as a broken rest.
class ChainCheck {
 public:
  void take(const Entry& entry, const Hash& stored);
  const std::vector<std::string>& problems() const { return problems_; }
  std::uint64_t entries() const { return entries_; }
  std::uint64_t last_sequence() const { return last_sequence_; }
  const Hash& head() const { return head_; }

 private:
  Hash head_{};
  std::uint64_t last_sequence_ = 0;
  std::uint64_t entries_ = 0;
  std::vector<std::string> problems_;
};

}  // namespace purser::audit
