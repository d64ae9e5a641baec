#include <algorithm>
#include <string>

#include "purser/pricing/price.h"
#include "rates.h"

namespace purser::pricing {
namespace {

Error unpriced(const Price& price, const std::string& what) {
  return Error{"unpriced_usage",
               "The price book has no rate for " + what + " of " + price.id +
                   ", so this usage is settled at its hold. Set a price with purser prices set.",
               Side::us};
}

bool is_standard_tier(std::string_view tier) {
  static constexpr std::string_view kStandard[] = {"",         "default",       "auto",
                                                   "standard", "standard_only", "on_demand"};
  return std::find(std::begin(kStandard), std::end(kStandard), tier) != std::end(kStandard);
}

// The rates that hold for the whole of this usage, or null where the book does not say.
const Rates* rates_of(const Price& price, const Usage& usage) {
  const Rates* rates = &price.rates;
  const std::int64_t input_tokens = usage.all_input_tokens();
  for (const LongContextTier& tier : price.long_context)
    if (input_tokens > tier.input_tokens_over) rates = &tier.rates;
  if (const auto named = price.service_tiers.find(usage.service_tier);
      named != price.service_tiers.end()) {
    // Nobody says what another service tier costs above a long-context threshold.
    return rates == &price.rates ? &named->second : nullptr;
  }
  return is_standard_tier(usage.service_tier) ? rates : nullptr;
}

}  // namespace

std::optional<PicoUsd> rate_of(const Rates& rates, TokenClass token_class) {
  if (const auto& own = rates[token_class]) return own;
  if (token_class == TokenClass::cached_input) return rates[TokenClass::input];
  if (token_class == TokenClass::cached_input_audio) return rates[TokenClass::input_audio];
  return std::nullopt;
}

bool Price::is_free() const {
  bool any = false;
  bool zero = true;
  const auto look = [&](const Rates& r) {
    const auto is_zero = [&](const std::optional<PicoUsd>& rate) {
      return !rate || rate->count == 0;
    };
    for (const auto& rate : r.token) {
      any |= rate.has_value();
      zero &= is_zero(rate);
    }
    for (const auto& rate : r.fee) zero &= is_zero(rate);
    zero &= is_zero(r.request);
  };
  look(rates);
  for (const LongContextTier& tier : long_context) look(tier.rates);
  for (const auto& [_, tier] : service_tiers) look(tier);
  return any && zero;
}

Result<Nanos> cost(const Price& price, const Usage& usage) {
  const Rates* rates = rates_of(price, usage);
  if (rates == nullptr)
    return unpriced(price, "the service tier \"" + usage.service_tier.substr(0, 40) + "\"");
  PicoSum sum;
  for (std::size_t i = 0; i < kTokenClassCount; ++i) {
    const auto token_class = static_cast<TokenClass>(i);
    const std::int64_t tokens = usage[token_class];
    if (tokens == 0) continue;
    const std::optional<PicoUsd> rate = rate_of(*rates, token_class);
    if (!rate || tokens < 0)
      return unpriced(price, (tokens < 0 ? "a negative count of " : "") +
                                 std::string(name(token_class)) + " tokens");
    sum.add(tokens, *rate);
  }
  for (std::size_t i = 0; i < kFeeCount; ++i) {
    const std::int64_t calls = usage.fee_calls[i];
    if (calls == 0) continue;
    if (!rates->fee[i] || calls < 0)
      return unpriced(price, (calls < 0 ? "a negative count of " : "") +
                                 std::string(name(static_cast<Fee>(i))) + " calls");
    sum.add(calls, *rates->fee[i]);
  }
  if (rates->request) sum.add(1, *rates->request);
  return sum.round_up();
}

}  // namespace purser::pricing
