// Private to pricing/: which rate a token class is billed at.
#pragma once

#include <optional>

#include "purser/pricing/price.h"

namespace purser::pricing {

// The class's own rate; for cached input without one, the rate of the same input uncached.
std::optional<PicoUsd> rate_of(const Rates& rates, TokenClass token_class);

}  // namespace purser::pricing
