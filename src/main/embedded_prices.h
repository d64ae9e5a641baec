// data/prices.json as it was when the binary was built.
#pragma once

#include <string_view>

namespace purser::main {

std::string_view embedded_prices();

}  // namespace purser::main
