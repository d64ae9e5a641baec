// A digest of the leading part of a prompt: BLAKE2b-128 with a key that each process draws for
// itself, so that nobody can make two different prompts that look equal (the second would be
// bounded by what the first was billed). Digests mean nothing to another process.
#pragma once

#include <sodium.h>

#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

#include "json_document.h"

namespace purser::providers {

class PrefixDigest {
 public:
  PrefixDigest();
  // Each call adds one text; ("ab", "c") and ("a", "bc") differ.
  void add(std::string_view text);
  // The text of `span` in `body` without the cuts inside of it. Cuts ascend and do not overlap.
  void add_without(std::string_view body, Span span, const std::vector<Span>& cuts);
  // The digest of all that was added so far; more can follow.
  std::array<std::uint64_t, 2> value() const;

 private:
  void update(std::string_view bytes);
  crypto_generichash_state state_;
};

}  // namespace purser::providers
