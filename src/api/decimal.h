// Prices as decimal strings: 12 decimals hold a pico-USD exactly.
#pragma once

#include <string>

#include "purser/base/money.h"
#include "purser/base/result.h"

namespace purser::api {

// 2'500'000 pico-USD is "0.0000025".
std::string pico_text(std::int64_t pico);
// USD for a million of them: pico-USD ÷ 10⁶, "2.5".
std::string per_million_text(PicoUsd price);
// Errors: bad_amount, also where it is no whole number of pico-USD.
Result<PicoUsd> parse_per_million(std::string_view usd);
Result<PicoUsd> parse_each(std::string_view usd);

}  // namespace purser::api
