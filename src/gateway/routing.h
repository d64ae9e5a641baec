// Which provider entry answers for a model. Pure.
#pragma once

#include <string>
#include <string_view>

#include "purser/base/result.h"
#include "purser/gateway/options.h"
#include "purser/pricing/price_book.h"
#include "purser/providers/format.h"

namespace purser::gateway {

struct Route {
  std::size_t entry = 0;       // index into GatewayOptions::providers
  std::string upstream_model;  // without the entry's prefix
  std::string price_provider;  // whose prices hold
  providers::Dialect dialect = providers::Dialect::openai;
  bool by_sandbox = false;  // the sandbox answers, since the entry has no key
};

// The text before the model's first "/" picks an entry of that name; otherwise the entries' own
// model patterns decide, then the price book. Errors: unknown_model, ambiguous_model,
// wrong_endpoint (the model speaks another format), no_provider_key.
Result<Route> route(const GatewayOptions& options, const pricing::PriceBook& prices,
                    providers::Format format, std::string_view model);

}  // namespace purser::gateway
