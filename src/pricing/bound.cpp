#include <algorithm>
#include <limits>
#include <string>
#include <vector>

#include "purser/pricing/price.h"
#include "rates.h"

namespace purser::pricing {
namespace {

constexpr std::int64_t kMaxInt = std::numeric_limits<std::int64_t>::max();
using Wide = PicoSum::Wide;
constexpr Wide kPicoPerNano = 1000;

Error absent(const Price& price, std::string_view what) {
  return Error{"no_price",
               "The price book has no rate for " + std::string(what) + " of " + price.id +
                   ", which this request can cause. Set one with purser prices set.",
               Side::client};
}

// What one set of rates (the base, or one long-context tier) makes of the shape: the bound is
// fixed + output_tokens × output_rate.
struct Line {
  PicoSum fixed;
  std::int64_t output_rate = 0;  // pico-USD for one token of every choice
  bool output_priced = true;
  bool output_overflows = false;  // millions of USD a token: counts as kMaxAmount
};

// The dearest of the classes that an input token of this request may be billed in.
Result<PicoUsd> dearest_input(const Price& price, const Rates& rates, const BoundShape& shape) {
  PicoUsd dearest;
  const auto consider = [&](TokenClass c) {
    const auto rate = rate_of(rates, c);
    if (rate) dearest = std::max(dearest, *rate);
    return rate.has_value();
  };
  const auto reached = [&](TokenClass c) -> Result<void> {
    if (!consider(c)) return absent(price, std::string(name(c)) + " tokens");
    return {};
  };
  if (auto ok = reached(TokenClass::input); !ok) return ok.error();
  consider(TokenClass::cached_input);
  if (shape.may_write_cache_5m) {
    if (auto ok = reached(TokenClass::cache_write_5m); !ok) return ok.error();
  } else if (price.automatic_cache_writes) {
    consider(TokenClass::cache_write_5m);
  }
  if (shape.may_write_cache_1h) {
    if (auto ok = reached(TokenClass::cache_write_1h); !ok) return ok.error();
  }
  if (shape.has_audio_input) {
    if (auto ok = reached(TokenClass::input_audio); !ok) return ok.error();
    consider(TokenClass::cached_input_audio);
  }
  return dearest;
}

// `input_tokens` is what of the shape's input these rates can hold for.
Result<Line> line_of(const Price& price, const Rates& rates, const BoundShape& shape,
                     std::int64_t input_tokens) {
  Line line;
  if (input_tokens > 0) {
    Result<PicoUsd> input = dearest_input(price, rates, shape);
    if (!input) return input.error();
    line.fixed.add(input_tokens, *input);
  }
  for (std::size_t i = 0; i < kFeeCount; ++i) {
    if (shape.fee_calls[i] <= 0) continue;
    if (!rates.fee[i]) return absent(price, std::string(name(static_cast<Fee>(i))) + " calls");
    line.fixed.add(shape.fee_calls[i], *rates.fee[i]);
  }
  if (rates.request) line.fixed.add(1, *rates.request);

  const auto& text = rates[TokenClass::output];
  const auto& audio = rates[TokenClass::output_audio];
  line.output_priced = text && (!shape.has_audio_output || audio);
  std::int64_t rate = text ? text->count : 0;
  if (shape.has_audio_output && audio) rate = std::max(rate, audio->count);
  line.output_overflows =
      __builtin_mul_overflow(rate, std::max<std::int64_t>(1, shape.choices), &line.output_rate);
  return line;
}

// One line for each set of rates that the shape can reach: a book may have a tier that is cheaper.
Result<std::vector<Line>> reachable_lines(const Price& price, const BoundShape& shape) {
  std::vector<Line> lines;
  const std::int64_t most = std::max<std::int64_t>(0, shape.input_tokens);
  const Rates* rates = &price.rates;
  for (std::size_t i = 0; rates != nullptr; ++i) {
    const bool next_is_reached =
        i < price.long_context.size() && most > price.long_context[i].input_tokens_over;
    const std::int64_t input_tokens =
        next_is_reached ? price.long_context[i].input_tokens_over : most;
    Result<Line> line = line_of(price, *rates, shape, input_tokens);
    if (!line) return line.error();
    lines.push_back(*line);
    rates = next_is_reached ? &price.long_context[i].rates : nullptr;
  }
  return lines;
}

}  // namespace

Result<Nanos> bound(const Price& price, const BoundShape& shape) {
  const Result<std::vector<Line>> lines = reachable_lines(price, shape);
  if (!lines) return lines.error();
  Nanos most;
  for (const Line& line : *lines) {
    if (shape.output_tokens > 0 && !line.output_priced)
      return absent(price,
                    shape.has_audio_output ? "output or output_audio tokens" : "output tokens");
    PicoSum sum = line.fixed;
    if (line.output_overflows && shape.output_tokens > 0) return kMaxAmount;
    sum.add(shape.output_tokens, PicoUsd{line.output_rate});
    most = std::max(most, sum.round_up());
  }
  return most;
}

std::int64_t output_tokens_that_fit(const Price& price, const BoundShape& shape, Nanos amount) {
  const Result<std::vector<Line>> lines = reachable_lines(price, shape);
  if (!lines || amount < Nanos{}) return -1;
  std::int64_t fits = kMaxInt;
  for (const Line& line : *lines) {
    if (line.fixed.round_up() > amount) return -1;
    if (!line.output_priced || (line.output_overflows && amount < kMaxAmount)) {
      fits = 0;
    } else if (line.output_rate > 0 && amount < kMaxAmount) {
      // Rounding up keeps to the amount exactly while the sum is at most its picos.
      const Wide room = static_cast<Wide>(amount.count()) * kPicoPerNano - line.fixed.pico();
      const Wide tokens = room / line.output_rate;
      fits = std::min(fits, tokens > kMaxInt ? kMaxInt : static_cast<std::int64_t>(tokens));
    }
  }
  return fits;
}

}  // namespace purser::pricing
