#include "decimal.h"
#include "explain.h"
#include "purser/pricing/price.h"

namespace purser::api {
namespace {

using pricing::Price;
using pricing::Rates;
using pricing::TokenClass;
using pricing::Usage;

// The rates that the whole usage fell under, by the same rules as pricing::cost, whose figure is
// compared with the sum of the lines below.
const Rates& rates_of(const Price& price, const Usage& usage) {
  if (const auto tier = price.service_tiers.find(usage.service_tier);
      tier != price.service_tiers.end())
    return tier->second;
  const Rates* rates = &price.rates;
  for (const auto& tier : price.long_context) {
    if (usage.all_input_tokens() > tier.input_tokens_over) rates = &tier.rates;
  }
  return *rates;
}

std::optional<PicoUsd> rate_of(const Rates& rates, TokenClass token_class) {
  if (rates[token_class]) return rates[token_class];
  if (token_class == TokenClass::cached_input) return rates[TokenClass::input];
  if (token_class == TokenClass::cached_input_audio) return rates[TokenClass::input_audio];
  return std::nullopt;
}

// A line's cost is exact, so it may have twelve decimals; only the sum is rounded.
json::object line(std::string_view what, std::int64_t count, PicoUsd rate, PicoSum& sum) {
  PicoSum own;
  own.add(count, rate);
  sum.add(own);
  return {{"what", what},
          {"count", count},
          {"rate_usd", pico_text(rate.count)},
          {"cost_usd", pico_text(static_cast<std::int64_t>(own.pico()))}};
}

json::array hold_alone(Nanos hold) {
  json::array lines;
  lines.push_back(json::object{{"what", "the hold, in full: what was used is not known"},
                               {"count", 1},
                               {"rate_usd", format_usd(hold)},
                               {"cost_usd", format_usd(hold)}});
  return lines;
}

}  // namespace

json::value cost_json(const Services& services, const PricedUsage& priced) {
  if (!services.prices) return nullptr;
  const auto book = services.prices();
  const auto slash = priced.price_id.find('/');
  if (!book || slash == std::string::npos) return nullptr;
  const auto price = book->find(priced.price_id.substr(0, slash), priced.price_id.substr(slash + 1),
                                priced.reserved_at);
  if (!price || price->version != priced.price_version) return nullptr;
  const Rates& rates = rates_of(*price, priced.usage);
  PicoSum sum;
  json::array lines;
  for (std::size_t i = 0; i < pricing::kTokenClassCount; ++i) {
    const auto token_class = static_cast<TokenClass>(i);
    const auto rate = rate_of(rates, token_class);
    if (priced.usage[token_class] <= 0 || !rate) continue;
    lines.push_back(
        line(std::string(name(token_class)) + " tokens", priced.usage[token_class], *rate, sum));
  }
  for (std::size_t i = 0; i < pricing::kFeeCount; ++i) {
    const auto fee = static_cast<pricing::Fee>(i);
    if (priced.usage[fee] <= 0 || !rates.fee[i]) continue;
    lines.push_back(line(std::string(name(fee)) + " calls", priced.usage[fee], *rates.fee[i], sum));
  }
  if (rates.request) lines.push_back(line("request", 1, *rates.request, sum));
  const bool adds_up = sum.round_up() == priced.cost;
  if (!adds_up && priced.is_hold)
    return json::object{{"lines", hold_alone(priced.cost)}, {"adds_up", true}};
  return json::object{{"lines", std::move(lines)}, {"adds_up", adds_up}};
}

}  // namespace purser::api
