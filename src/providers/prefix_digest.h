// A digest of the leading part of a prompt, so that nobody can make two different prompts that look
// equal (the second would be bounded by what the first was billed): Poly1305 (RFC 8439) under one
// key that each process draws for itself. One key for many texts is right here and nowhere else:
// digests are compared within the process and never shown, and to one who sees neither key nor
// digest, two texts of 32 MB are equal with a chance of 2^-82. It costs a sixth of BLAKE2b, which
// was half of what a request of 100 KB cost.
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
  crypto_onetimeauth_state state_;
};

}  // namespace purser::providers
