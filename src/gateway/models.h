// GET /v1/models: what can be asked for here, in OpenAI's or Anthropic's shape.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "purser/gateway/options.h"
#include "purser/pricing/price_book.h"

namespace purser::gateway {

// Whether the caller may use this model of this provider entry.
using IsAllowed = std::function<bool(std::string_view provider, std::string_view model)>;

// Those allowed of entries that can answer now (a key, none needed, or the sandbox in their place).
// Models of an entry that is not the price book's only provider of that name carry the entry's
// prefix.
std::string list_models(const GatewayOptions& options, const pricing::PriceBook& prices,
                        Instant now, bool anthropic_shape, const IsAllowed& is_allowed);

}  // namespace purser::gateway
