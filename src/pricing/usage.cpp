#include "purser/pricing/usage.h"

#include <limits>

namespace purser::pricing {

std::string_view name(TokenClass token_class) {
  static constexpr std::array<std::string_view, kTokenClassCount> kNames = {
      "input",  "cached_input", "cache_write_5m",     "cache_write_1h",
      "output", "input_audio",  "cached_input_audio", "output_audio"};
  return kNames[static_cast<std::size_t>(token_class)];
}

std::string_view name(Fee fee) {
  static constexpr std::array<std::string_view, kFeeCount> kNames = {"web_search"};
  return kNames[static_cast<std::size_t>(fee)];
}

std::int64_t Usage::all_input_tokens() const {
  std::int64_t sum = 0;
  for (const TokenClass c :
       {TokenClass::input, TokenClass::cached_input, TokenClass::cache_write_5m,
        TokenClass::cache_write_1h, TokenClass::input_audio, TokenClass::cached_input_audio}) {
    const std::int64_t count = (*this)[c];
    // A provider may claim any count; saturate rather than overflow.
    if (count > 0 && __builtin_add_overflow(sum, count, &sum))
      return std::numeric_limits<std::int64_t>::max();
  }
  return sum;
}

}  // namespace purser::pricing
