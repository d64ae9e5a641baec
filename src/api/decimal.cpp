#include "decimal.h"

namespace purser::api {
namespace {

std::string decimal(std::int64_t value, std::size_t places) {
  std::string digits = std::to_string(value);
  if (digits.size() <= places) digits.insert(0, places + 1 - digits.size(), '0');
  const auto whole = digits.substr(0, digits.size() - places);
  auto fraction = digits.substr(digits.size() - places);
  while (!fraction.empty() && fraction.back() == '0') fraction.pop_back();
  return fraction.empty() ? whole : whole + "." + fraction;
}

}  // namespace

std::string pico_text(std::int64_t pico) { return decimal(pico, 12); }

std::string per_million_text(PicoUsd price) { return decimal(price.count, 6); }

// USD a million is 10⁻⁶ USD each, so 10⁶ pico-USD: a nano of it is a thousandth of a pico-USD.
Result<PicoUsd> parse_per_million(std::string_view usd) {
  const auto nanos = parse_usd(usd);
  if (!nanos) return nanos.error();
  if (nanos->count() % 1000 != 0)
    return Error{"bad_amount", "A price per million has at most six decimals."};
  return PicoUsd{nanos->count() / 1000};
}

Result<PicoUsd> parse_each(std::string_view usd) {
  const auto nanos = parse_usd(usd);
  if (!nanos) return nanos.error();
  if (nanos->count() > 1'000'000'000'000)
    return Error{"bad_amount", "A fee is at most USD 1000 a call."};
  return PicoUsd{nanos->count() * 1000};
}

}  // namespace purser::api
