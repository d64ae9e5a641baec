// What earlier requests were billed for input, by the digest of what they sent: the next turn of
// the same conversation is then bounded by that figure plus the bytes of what is new. Bounded; the
// least recently used goes first. Thread-safe.
#pragma once

#include <array>
#include <cstdint>
#include <list>
#include <mutex>
#include <optional>
#include <unordered_map>

#include "purser/providers/request.h"

namespace purser::gateway {

class PrefixMemory {
 public:
  explicit PrefixMemory(std::size_t capacity) : capacity_(capacity) {}

  // The request's input bound, lowered where a leading part of it is known.
  std::int64_t tighten(const providers::RequestShape& shape);
  // Its whole input was billed as so many tokens.
  void remember(const providers::RequestShape& shape, std::int64_t input_tokens);

 private:
  using Digest = std::array<std::uint64_t, 2>;
  struct DigestHash {
    std::size_t operator()(const Digest& digest) const { return digest[0]; }
  };
  struct Entry {
    Digest digest;
    std::int64_t input_tokens;
  };

  std::mutex mutex_;
  std::size_t capacity_;
  std::list<Entry> by_use_;  // most recent first
  std::unordered_map<Digest, std::list<Entry>::iterator, DigestHash> by_digest_;
};

}  // namespace purser::gateway
