// Money. `Nanos` is an amount in USD × 10⁻⁹ in a signed 64-bit integer; `PicoUsd` is a price, USD ×
// 10⁻¹² for one unit (a token, a call). No floating point ever touches money.
//
// Range: every amount that enters Purser (a limit, a bound, a cost) is at most `kMaxAmount`
// (USD 1 billion), so a sum of a few hundred of them cannot overflow; `Nanos` arithmetic asserts
// it. Amounts from outside come in through `parse_usd`, which refuses what is out of range.
//
// Text: JSON and the command line carry decimal strings ("12.5"), never numbers.
//
//   Nanos cap = *parse_usd("150");            // 150'000'000'000 nanos
//   format_usd(Nanos{1'500'000'000});         // "1.5"
//   format_usd_cents_up(Nanos{1'500'000'001}) // "1.51"
#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

#include "purser/base/result.h"

namespace purser {

class Nanos {
 public:
  constexpr Nanos() = default;
  constexpr explicit Nanos(std::int64_t count) : count_(count) {}

  constexpr std::int64_t count() const { return count_; }
  constexpr auto operator<=>(const Nanos&) const = default;

  Nanos& operator+=(Nanos other);
  Nanos& operator-=(Nanos other);
  friend Nanos operator+(Nanos a, Nanos b) { return a += b; }
  friend Nanos operator-(Nanos a, Nanos b) { return a -= b; }
  constexpr Nanos operator-() const { return Nanos{-count_}; }

 private:
  std::int64_t count_ = 0;
};

inline constexpr Nanos kMaxAmount{1'000'000'000'000'000'000};
inline constexpr std::int64_t kNanosPerUsd = 1'000'000'000;

// A price: pico-USD for one unit. USD 3 a million tokens is 3'000'000 pico-USD a token.
struct PicoUsd {
  std::int64_t count = 0;
  constexpr auto operator<=>(const PicoUsd&) const = default;
};

// An exact sum of prices × counts, in 128 bits; rounded up to a nano once, at the end.
// `add` takes counts and prices of any size that a provider may claim: it saturates far above
// kMaxAmount rather than overflow.
class PicoSum {
 public:
  void add(std::int64_t units, PicoUsd price);
  void add(const PicoSum& other);
  // Rounded up; never above kMaxAmount.
  Nanos round_up() const;
  __extension__ typedef __int128 Wide;
  Wide pico() const { return pico_; }

 private:
  Wide pico_ = 0;
};

// "12", "12.5", "0.000000001"; at most nine decimals, no sign, no exponent, at most kMaxAmount.
Result<Nanos> parse_usd(std::string_view text);

// The shortest exact decimal: "0", "12.5", "-3.000000001".
std::string format_usd(Nanos amount);

// For people: at least two decimals, rounded up to a cent away from zero ("0.01", "150.00").
std::string format_usd_cents_up(Nanos amount);

}  // namespace purser
