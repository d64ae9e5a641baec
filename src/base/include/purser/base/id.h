// Ids: 128 bits, ordered by time (48 bits of milliseconds, then 80 random bits, as UUID v7 orders
// them). In text an id carries its type's prefix: "req_01JD…" — 26 letters of Crockford's base 32,
// lower case. In the store it is 16 bytes, big-endian, so that bytes sort as time.
//
//   Id id = make_id(env);
//   to_text("cap", id);                  // "cap_06ev…"
//   Result<Id> back = parse_id("cap", text);
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <cstring>
#include <functional>
#include <string>
#include <string_view>

#include "purser/base/env.h"
#include "purser/base/result.h"

namespace purser {

struct Id {
  std::array<std::uint8_t, 16> bytes{};

  auto operator<=>(const Id&) const = default;
  // Two words: the compiler's own comparison for equality is a call, and ids are compared often.
  bool operator==(const Id& other) const {
    return word(0) == other.word(0) && word(8) == other.word(8);
  }
  bool is_zero() const { return (word(0) | word(8)) == 0; }

 private:
  std::uint64_t word(std::size_t at) const {
    std::uint64_t word;
    std::memcpy(&word, bytes.data() + at, sizeof word);
    return word;
  }
};

Id make_id(Env& env);
std::string to_text(std::string_view prefix, const Id& id);
Result<Id> parse_id(std::string_view prefix, std::string_view text);

}  // namespace purser

template <>
struct std::hash<purser::Id> {
  std::size_t operator()(const purser::Id& id) const noexcept {
    // The last eight bytes are random.
    std::uint64_t tail;
    std::memcpy(&tail, id.bytes.data() + 8, sizeof tail);
    return tail;
  }
};
