#include "routing.h"

#include <algorithm>
#include <optional>
#include <vector>

#include "shown.h"

namespace purser::gateway {
namespace {

bool speaks(ProviderKind kind, providers::Format format) {
  if (kind == ProviderKind::sandbox) return true;
  return (kind == ProviderKind::anthropic) == providers::is_anthropic(format);
}

providers::Dialect dialect_of(ProviderKind kind, providers::Format format) {
  if (providers::is_anthropic(format)) return providers::Dialect::anthropic;
  return kind == ProviderKind::compatible ? providers::Dialect::compatible
                                          : providers::Dialect::openai;
}

bool matches(std::string_view pattern, std::string_view model) {
  if (!pattern.empty() && pattern.back() == '*')
    return model.starts_with(pattern.substr(0, pattern.size() - 1));
  return pattern == model;
}

std::vector<std::size_t> entries_by_name(const GatewayOptions& options,
                                         const pricing::PriceBook& prices, std::string_view model) {
  std::vector<std::size_t> found;
  for (std::size_t i = 0; i < options.providers.size(); ++i) {
    const auto& patterns = options.providers[i].models;
    if (std::any_of(patterns.begin(), patterns.end(),
                    [&](const std::string& pattern) { return matches(pattern, model); }))
      found.push_back(i);
  }
  if (!found.empty()) return found;
  const std::vector<std::string> known = prices.providers_of(model);
  for (std::size_t i = 0; i < options.providers.size(); ++i)
    if (std::find(known.begin(), known.end(), options.providers[i].name) != known.end())
      found.push_back(i);
  return found;
}

std::string names_of(const GatewayOptions& options, const std::vector<std::size_t>& entries) {
  std::string names;
  for (const std::size_t entry : entries)
    names += (names.empty() ? "" : ", ") + options.providers[entry].name;
  return names;
}

struct Choice {
  std::size_t entry;
  std::string_view upstream_model;
};

Result<Choice> choose(const GatewayOptions& options, const pricing::PriceBook& prices,
                      std::string_view model) {
  if (const auto slash = model.find('/'); slash != std::string_view::npos) {
    const std::string_view prefix = model.substr(0, slash);
    for (std::size_t i = 0; i < options.providers.size(); ++i)
      if (options.providers[i].name == prefix) return Choice{i, model.substr(slash + 1)};
  }
  const auto found = entries_by_name(options, prices, model);
  if (found.size() == 1) return Choice{found.front(), model};
  if (found.empty())
    return Error{"unknown_model",
                 "No provider here serves the model " + shown(model) +
                     ". GET /v1/models lists those that are served; a provider's name and a slash "
                     "before a model's name picks that provider."};
  return Error{"ambiguous_model", "The model " + shown(model) +
                                      " is served by several providers (" +
                                      names_of(options, found) +
                                      "). Put the one you mean and a slash before its name."};
}

Error wrong_endpoint(const ProviderEntry& entry, std::string_view model) {
  const bool anthropic = entry.kind == ProviderKind::anthropic;
  return {"wrong_endpoint",
          "The model " + shown(model) + " is served by " + entry.name + ", which speaks " +
              (anthropic ? "Anthropic's" : "OpenAI's") + " format: send it to " +
              (anthropic ? "/v1/messages." : "/v1/chat/completions or /v1/responses.") +
              " Purser does not translate between formats."};
}

}  // namespace

Result<Route> route(const GatewayOptions& options, const pricing::PriceBook& prices,
                    providers::Format format, std::string_view model) {
  const Result<Choice> choice = choose(options, prices, model);
  if (!choice) return choice.error();
  const ProviderEntry& entry = options.providers[choice->entry];
  if (!speaks(entry.kind, format)) return wrong_endpoint(entry, model);
  const bool lacks_key = entry.needs_key && entry.api_key.empty();
  if (lacks_key && !options.sandbox)
    return Error{
        "no_provider_key",
        "The provider " + entry.name +
            " has no key yet, so nothing can be sent to it. An operator sets `api_key_env` of "
            "its entry in purser.toml, or the environment variable it names.",
        Side::us};
  return Route{choice->entry, std::string(choice->upstream_model), entry.price_as,
               dialect_of(entry.kind, format), lacks_key};
}

}  // namespace purser::gateway
