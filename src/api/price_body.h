// A negotiated price in three forms: what PUT /prices takes, what the table keeps, what the book
// reads.
#pragma once

#include "body.h"
#include "purser/api/price_overrides.h"

namespace purser::api {

// From a request: "input_usd_per_million": "2.50", …, "web_search_usd_per_call", …
Result<pricing::PriceOverride> parse_price_body(const json::object& object);

// As the table keeps it: rates in pico-USD.
json::object stored_json(const pricing::PriceOverride& price);
pricing::PriceOverride from_stored(const json::object& stored);

// As answers show rates: USD per million tokens, USD per call or request.
void put_rates(json::object& into, const pricing::Rates& rates);

}  // namespace purser::api
