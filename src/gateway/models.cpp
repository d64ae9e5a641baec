#include "models.h"

#include <algorithm>
#include <set>

#include "purser/base/text.h"

namespace purser::gateway {
namespace {

struct Listed {
  std::string id;
  std::string owner;
};

bool can_answer(const GatewayOptions& options, const ProviderEntry& entry) {
  return !entry.needs_key || !entry.api_key.empty() || options.sandbox;
}

// Names of tuned models begin so in the price book; nobody can ask for the beginning itself.
bool is_beginning(const std::string& model) {
  return model.ends_with('-') || model.starts_with("ft:") || model.find(".ft-") != model.npos;
}

// A request to any other is refused (`no_limits`).
bool can_be_bounded(const pricing::Price& price) {
  return price.is_free() || price.context_window_tokens.has_value();
}

// The plain name where it leads to this entry alone, else with the prefix.
std::string asked_name(const GatewayOptions& options, const pricing::PriceBook& prices,
                       const ProviderEntry& entry, const std::string& model) {
  if (entry.kind == ProviderKind::sandbox) return entry.name + "/" + model;
  const auto known = prices.providers_of(model);
  std::size_t leading_here = 0;
  for (const ProviderEntry& other : options.providers)
    leading_here += std::count(known.begin(), known.end(), other.name) > 0 ? 1 : 0;
  const bool has_slash = model.find('/') != std::string::npos;
  const bool leads_here = std::count(known.begin(), known.end(), entry.name) > 0;
  return leads_here && leading_here == 1 && !has_slash ? model : entry.name + "/" + model;
}

std::vector<Listed> listed_models(const GatewayOptions& options, const pricing::PriceBook& prices,
                                  Instant now, bool anthropic_only, const IsAllowed& is_allowed) {
  std::vector<Listed> models;
  std::set<std::string> seen;
  const auto add = [&](const std::string& id, const std::string& owner, const std::string& model) {
    if (is_allowed(owner, model) && seen.insert(id).second) models.push_back({id, owner});
  };
  const auto book = prices.list(now);
  for (const ProviderEntry& entry : options.providers) {
    if (!can_answer(options, entry)) continue;
    const bool anthropic = entry.kind == ProviderKind::anthropic;
    if (entry.kind != ProviderKind::sandbox && anthropic != anthropic_only) continue;
    for (const std::string& pattern : entry.models)
      if (pattern.find('*') == std::string::npos) add(pattern, entry.name, pattern);
    for (const auto& priced : book)
      if (priced.price.provider == entry.price_as && !is_beginning(priced.price.model) &&
          can_be_bounded(priced.price))
        add(asked_name(options, prices, entry, priced.price.model), entry.name, priced.price.model);
  }
  return models;
}

}  // namespace

std::string list_models(const GatewayOptions& options, const pricing::PriceBook& prices,
                        Instant now, bool anthropic_shape, const IsAllowed& is_allowed) {
  std::string data;
  const auto models = listed_models(options, prices, now, anthropic_shape, is_allowed);
  for (const Listed& model : models) {
    data += data.empty() ? "" : ",";
    if (anthropic_shape)
      data += "{\"type\":\"model\",\"id\":" + quote_json(model.id) +
              ",\"display_name\":" + quote_json(model.id) +
              ",\"created_at\":\"1970-01-01T00:00:00Z\"}";
    else
      data += "{\"id\":" + quote_json(model.id) +
              ",\"object\":\"model\",\"created\":0,\"owned_by\":" + quote_json(model.owner) + "}";
  }
  if (!anthropic_shape) return "{\"object\":\"list\",\"data\":[" + data + "]}";
  const std::string first = models.empty() ? "null" : quote_json(models.front().id);
  const std::string last = models.empty() ? "null" : quote_json(models.back().id);
  return "{\"data\":[" + data + "],\"has_more\":false,\"first_id\":" + first +
         ",\"last_id\":" + last + "}";
}

}  // namespace purser::gateway
