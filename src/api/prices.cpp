#include "handlers.h"
#include "price_body.h"
#include "refs.h"
#include "times.h"

namespace purser::api {
namespace {

json::value count_or_null(const std::optional<std::int64_t>& count) {
  if (!count) return nullptr;
  return *count;
}

json::object price_json(const pricing::PriceBook::Entry& entry) {
  const auto& price = entry.price;
  json::object rates;
  put_rates(rates, price.rates);
  json::array long_context;
  for (const auto& tier : price.long_context) {
    json::object tier_rates;
    put_rates(tier_rates, tier.rates);
    long_context.push_back(json::object{{"input_tokens_over", tier.input_tokens_over},
                                        {"rates", std::move(tier_rates)}});
  }
  json::object tiers;
  for (const auto& [name, tier] : price.service_tiers) {
    json::object tier_rates;
    put_rates(tier_rates, tier);
    tiers[name] = std::move(tier_rates);
  }
  return {{"id", price.id},
          {"provider", price.provider},
          {"model", price.model},
          {"version", price.version},
          {"from", instant_json(entry.from)},
          {"rates", std::move(rates)},
          {"long_context", std::move(long_context)},
          {"service_tiers", std::move(tiers)},
          {"context_window_tokens", count_or_null(price.context_window_tokens)},
          {"max_output_tokens", count_or_null(price.max_output_tokens)}};
}

json::object override_json(const pricing::PriceOverride& price) {
  json::object rates;
  put_rates(rates, price.rates);
  return {{"id", price.version},
          {"provider", price.provider},
          {"model", price.model},
          {"from", instant_json(price.from)},
          {"rates", std::move(rates)},
          {"context_window_tokens", count_or_null(price.context_window_tokens)},
          {"max_output_tokens", count_or_null(price.max_output_tokens)}};
}

// What the model costs without the override, for the audit trail; empty: it has no price.
std::string in_force_json(const Call& call, const pricing::PriceOverride& price) {
  const auto book = call.services.prices ? call.services.prices() : nullptr;
  const auto found = book ? book->find(price.provider, price.model, price.from)
                          : Result<pricing::Price>(Error{"no_price", ""});
  if (!found) return "";
  json::object rates;
  put_rates(rates, found->rates);
  return json::serialize(
      json::object{{"version", found->version},
                   {"rates", std::move(rates)},
                   {"context_window_tokens", count_or_null(found->context_window_tokens)},
                   {"max_output_tokens", count_or_null(found->max_output_tokens)}});
}

bool contains(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

}  // namespace

// What is in force; with ?overrides=true the negotiated ones alone, those to come among them.
Result<Reply> list_prices(Call& call) {
  const std::size_t limit = call.query.limit();
  const std::string after = call.query.text("after");
  const std::string search = call.query.text("search");
  const bool overrides = call.query.flag("overrides");
  if (auto query = call.query.finish(); !query) return query.error();
  json::array items;
  if (overrides) {
    for (const auto& price : read_price_overrides(call.store())) {
      if (contains(price.provider + "/" + price.model, search))
        items.push_back(override_json(price));
    }
    return page_reply(std::move(items), "");
  }
  const auto book = call.services.prices ? call.services.prices() : nullptr;
  if (!book) return Error{"unavailable", "This server has no price book.", Side::us};
  std::string next;
  for (const auto& entry : book->list(call.services.env->utc_now())) {
    if (entry.price.id <= after || !contains(entry.price.id, search)) continue;
    if (items.size() == limit) {
      next = std::string(items.back().get_object()["id"].get_string());
      break;
    }
    items.push_back(price_json(entry));
  }
  return page_reply(std::move(items), next);
}

Result<Reply> set_price(Call& call) {
  if (auto query = call.query.finish(); !query) return query.error();
  std::string from;
  if (const auto* given = call.body.if_contains("from")) {
    if (!given->is_string()) return Error{"bad_member", "\"from\" must be a string."};
    from = std::string(given->get_string());
    call.body.erase("from");
  }
  auto price = parse_price_body(call.body);
  if (!price) return price.error();
  price->from = call.store().ledger_now();
  if (!from.empty()) {
    const auto start = parse_time(from, *call.store().calendar());
    if (!start) return start.error();
    price->from = *start;
  }
  const std::string before = in_force_json(call, *price);
  auto changed = call.store().change([&](store::Change& change) -> Result<void> {
    const Id id = change.new_id();
    price->version = to_text("price", id);
    const std::string stored = json::serialize(stored_json(*price));
    change.sql().run(
        "INSERT INTO price_overrides (workspace, id, provider, model, valid_from, body, created) "
        "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        {change.workspace(), id, price->provider, price->model, price->from, stored, change.now()});
    change.audit({call.by.actor, "price.set", "price/" + price->provider + "/" + price->model,
                  before, json::serialize(override_json(*price)), call.by.reason});
    return {};
  });
  if (!changed) return changed.error();
  if (call.services.reload_prices) call.services.reload_prices();
  return Reply{override_json(*price)};
}

Result<Reply> end_price(Call& call) {
  if (auto query = call.query.finish(); !query) return query.error();
  const auto id = parse_id("price", call.params[0]);
  if (!id) return Error{"unknown_price", id.error().message};
  json::object shown;
  for (const auto& price : read_price_overrides(call.store())) {
    if (price.version == call.params[0]) shown = override_json(price);
  }
  auto changed = call.store().change([&](store::Change& change) -> Result<void> {
    const auto ended = change.sql().run(
        "UPDATE price_overrides SET ended = ?3 WHERE workspace = ?1 AND id = ?2 AND ended IS NULL",
        {change.workspace(), *id, change.now()});
    if (ended == 0) {
      return Error{"unknown_price",
                   "There is no negotiated price " + call.params[0] + ", or it has ended."};
    }
    const std::string target =
        shown.empty() ? call.params[0]
                      : text_member(shown, "provider") + "/" + text_member(shown, "model");
    change.audit({call.by.actor, "price.end", "price/" + target, json::serialize(shown), "",
                  call.by.reason});
    return {};
  });
  if (!changed) return changed.error();
  if (call.services.reload_prices) call.services.reload_prices();
  return Reply{std::move(shown)};
}

}  // namespace purser::api
