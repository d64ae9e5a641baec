// Which price book is in force: <data_dir>/prices.json, where `purser prices update` has put one,
// else the one that was built in.
#pragma once

#include <string>

#include "purser/base/result.h"
#include "purser/pricing/price_book.h"

namespace purser::main {

// Errors: bad_prices, naming the file.
Result<pricing::PriceBook> load_price_book(const std::string& data_dir);

// Checks a price book and puts it into the data directory, whole or not at all. Returns its
// version. Errors: bad_prices, cannot_write.
Result<std::string> install_price_book(const std::string& file, const std::string& data_dir);

}  // namespace purser::main
