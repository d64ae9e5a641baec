// Negotiated prices as the store keeps them, for the price book: main reads them at start and
// whenever Services::reload_prices is called.
#pragma once

#include <vector>

#include "purser/pricing/price_book.h"
#include "purser/store/store.h"

namespace purser::api {

// Those that have not ended, in the order of their start. Reads the store.
std::vector<pricing::PriceOverride> read_price_overrides(store::Store& store);
// With those that have ended, of every workspace in the file: to see what a past request cost.
std::vector<pricing::PriceOverride> read_all_price_overrides(store::Sql& sql);

}  // namespace purser::api
