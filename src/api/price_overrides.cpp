#include "purser/api/price_overrides.h"

#include "decimal.h"
#include "price_body.h"

namespace purser::api {
namespace {

using pricing::Fee;
using pricing::PriceOverride;
using pricing::Rates;
using pricing::TokenClass;

constexpr std::int64_t kMostTokens = 1'000'000'000;

std::string token_member(std::size_t i) {
  return std::string(pricing::name(static_cast<TokenClass>(i))) + "_usd_per_million";
}

std::string fee_member(std::size_t i) {
  return std::string(pricing::name(static_cast<Fee>(i))) + "_usd_per_call";
}

template <typename Parse>
std::optional<PicoUsd> rate(Body& body, const std::string& name, const Parse& parse) {
  const auto text = body.text(name);
  if (!text) return std::nullopt;
  const auto price = parse(*text);
  if (price) return *price;
  body.fail({price.error().code, "\"" + name + "\": " + price.error().message});
  return std::nullopt;
}

}  // namespace

Result<PriceOverride> parse_price_body(const json::object& object) {
  Body body(object);
  PriceOverride price;
  price.provider = body.required_text("provider");
  price.model = body.required_text("model");
  bool any = false;
  for (std::size_t i = 0; i < pricing::kTokenClassCount; ++i) {
    price.rates.token[i] = rate(body, token_member(i), parse_per_million);
    any = any || price.rates.token[i];
  }
  for (std::size_t i = 0; i < pricing::kFeeCount; ++i) {
    price.rates.fee[i] = rate(body, fee_member(i), parse_each);
    any = any || price.rates.fee[i];
  }
  price.rates.request = rate(body, "request_usd", parse_each);
  price.context_window_tokens = body.integer("context_window_tokens", 1, kMostTokens);
  price.max_output_tokens = body.integer("max_output_tokens", 1, kMostTokens);
  any = any || price.rates.request || price.context_window_tokens || price.max_output_tokens;
  if (auto read = body.finish(); !read) return read.error();
  const auto fits = [](const std::string& name) { return !name.empty() && name.size() <= 200; };
  if (!fits(price.provider) || !fits(price.model) || price.provider.find('/') != std::string::npos)
    return Error{"bad_member", "Name the price's provider and model, such as openai and gpt-5."};
  if (!any) return Error{"missing_member", "Give at least one rate or limit to set."};
  return price;
}

json::object stored_json(const PriceOverride& price) {
  json::object stored;
  json::object token, fee;
  for (std::size_t i = 0; i < pricing::kTokenClassCount; ++i) {
    if (const auto& pico = price.rates.token[i])
      token[pricing::name(static_cast<TokenClass>(i))] = pico->count;
  }
  for (std::size_t i = 0; i < pricing::kFeeCount; ++i) {
    if (const auto& pico = price.rates.fee[i])
      fee[pricing::name(static_cast<Fee>(i))] = pico->count;
  }
  stored["token_pico"] = std::move(token);
  stored["fee_pico"] = std::move(fee);
  if (price.rates.request) stored["request_pico"] = price.rates.request->count;
  if (price.context_window_tokens) stored["context_window_tokens"] = *price.context_window_tokens;
  if (price.max_output_tokens) stored["max_output_tokens"] = *price.max_output_tokens;
  return stored;
}

namespace {

std::optional<std::int64_t> number(const json::object& object, std::string_view name) {
  const auto* value = object.if_contains(name);
  if (!value || !value->is_int64()) return std::nullopt;
  return value->get_int64();
}

std::optional<PicoUsd> pico(const json::object& stored, std::string_view group,
                            std::string_view name) {
  const auto* value = stored.if_contains(group);
  if (!value || !value->is_object()) return std::nullopt;
  const auto count = number(value->get_object(), name);
  return count ? std::optional<PicoUsd>(PicoUsd{*count}) : std::nullopt;
}

}  // namespace

PriceOverride from_stored(const json::object& stored) {
  PriceOverride price;
  for (std::size_t i = 0; i < pricing::kTokenClassCount; ++i)
    price.rates.token[i] = pico(stored, "token_pico", pricing::name(static_cast<TokenClass>(i)));
  for (std::size_t i = 0; i < pricing::kFeeCount; ++i)
    price.rates.fee[i] = pico(stored, "fee_pico", pricing::name(static_cast<Fee>(i)));
  if (const auto count = number(stored, "request_pico")) price.rates.request = PicoUsd{*count};
  price.context_window_tokens = number(stored, "context_window_tokens");
  price.max_output_tokens = number(stored, "max_output_tokens");
  return price;
}

void put_rates(json::object& into, const Rates& rates) {
  for (std::size_t i = 0; i < pricing::kTokenClassCount; ++i) {
    if (rates.token[i]) into[token_member(i)] = per_million_text(*rates.token[i]);
  }
  for (std::size_t i = 0; i < pricing::kFeeCount; ++i) {
    if (rates.fee[i]) into[fee_member(i)] = pico_text(rates.fee[i]->count);
  }
  if (rates.request) into["request_usd"] = pico_text(rates.request->count);
}

namespace {

void take_override(const store::Row& row, std::vector<PriceOverride>& prices) {
  const auto body = embedded_json(row.text(4));
  if (!body.is_object()) return;
  auto price = from_stored(body.get_object());
  price.version = to_text("price", row.id(0));
  price.provider = row.text(1);
  price.model = row.text(2);
  price.from = row.instant(3);
  prices.push_back(std::move(price));
}

}  // namespace

std::vector<PriceOverride> read_price_overrides(store::Store& store) {
  std::vector<PriceOverride> prices;
  store.read([&](store::Sql& sql) {
    sql.each(
        "SELECT id, provider, model, valid_from, body FROM price_overrides WHERE workspace = ?1 "
        "AND ended IS NULL ORDER BY valid_from, id",
        {store.workspace()}, [&](const store::Row& row) { take_override(row, prices); });
  });
  return prices;
}

std::vector<PriceOverride> read_all_price_overrides(store::Sql& sql) {
  std::vector<PriceOverride> prices;
  sql.each("SELECT id, provider, model, valid_from, body FROM price_overrides", {},
           [&](const store::Row& row) { take_override(row, prices); });
  return prices;
}

}  // namespace purser::api
