#include "purser/base/money.h"

#include <algorithm>

#include "purser/base/check.h"
#include "purser/base/text.h"

namespace purser {
namespace {

constexpr PicoSum::Wide kPicoPerNano = 1000;
// Far above anything that is billed, far below what 128 bits hold.
constexpr PicoSum::Wide kPicoCeiling = static_cast<PicoSum::Wide>(1) << 120;

std::string format_digits(std::int64_t count, int decimals) {
  const bool negative = count < 0;
  // Negating in unsigned arithmetic is defined for the smallest value too.
  std::uint64_t magnitude =
      negative ? 0 - static_cast<std::uint64_t>(count) : static_cast<std::uint64_t>(count);
  std::uint64_t unit = 1;
  for (int i = 0; i < decimals; ++i) unit *= 10;
  std::string text;
  if (negative) text.push_back('-');
  append_digits(text, magnitude / unit, 1);
  if (decimals == 0) return text;
  text.push_back('.');
  append_digits(text, magnitude % unit, decimals);
  return text;
}

}  // namespace

Nanos& Nanos::operator+=(Nanos other) {
  const bool overflow = __builtin_add_overflow(count_, other.count_, &count_);
  PURSER_ASSERT(!overflow);
  return *this;
}

Nanos& Nanos::operator-=(Nanos other) {
  const bool overflow = __builtin_sub_overflow(count_, other.count_, &count_);
  PURSER_ASSERT(!overflow);
  return *this;
}

void PicoSum::add(std::int64_t units, PicoUsd price) {
  if (units <= 0 || price.count <= 0) return;
  pico_ = std::min(kPicoCeiling, pico_ + static_cast<Wide>(units) * price.count);
}

void PicoSum::add(const PicoSum& other) { pico_ = std::min(kPicoCeiling, pico_ + other.pico_); }

Nanos PicoSum::round_up() const {
  const Wide nanos = (pico_ + kPicoPerNano - 1) / kPicoPerNano;
  return nanos >= kMaxAmount.count() ? kMaxAmount : Nanos{static_cast<std::int64_t>(nanos)};
}

Result<Nanos> parse_usd(std::string_view text) {
  const auto bad = [&](const char* why) {
    return Error{"bad_amount", "\"" + std::string(text.substr(0, 40)) +
                                   "\" is not an amount in USD: " + why +
                                   ". Write it like 150 or 12.50."};
  };
  const std::size_t dot = text.find('.');
  const std::string_view whole = text.substr(0, dot);
  const std::string_view fraction =
      dot == std::string_view::npos ? std::string_view{} : text.substr(dot + 1);
  if (whole.empty() || (dot != std::string_view::npos && fraction.empty()))
    return bad("digits are missing");
  if (fraction.size() > 9) return bad("at most nine decimals are kept");
  if (whole.size() > 12) return bad("it is above one billion");
  std::int64_t count = 0;
  const auto take = [&count](char c) {
    if (c < '0' || c > '9') return false;
    count = count * 10 + (c - '0');
    return true;
  };
  for (char c : whole)
    if (!take(c)) return bad("only digits and one dot are allowed");
  if (count > kMaxAmount.count() / kNanosPerUsd) return bad("it is above one billion");
  for (std::size_t i = 0; i < 9; ++i)
    if (!take(i < fraction.size() ? fraction[i] : '0'))
      return bad("only digits and one dot are allowed");
  if (count > kMaxAmount.count()) return bad("it is above one billion");
  return Nanos{count};
}

std::string format_usd(Nanos amount) {
  std::string text = format_digits(amount.count(), 9);
  text.erase(text.find_last_not_of('0') + 1);
  if (text.back() == '.') text.pop_back();
  return text;
}

std::string format_usd_cents_up(Nanos amount) {
  constexpr std::int64_t kNanosPerCent = kNanosPerUsd / 100;
  std::int64_t cents = amount.count() / kNanosPerCent;
  if (amount.count() % kNanosPerCent != 0) cents += amount.count() > 0 ? 1 : -1;
  return format_digits(cents, 2);
}

}  // namespace purser
