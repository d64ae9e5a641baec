// The part of `purser verify` that needs prices: what each usage cost, again, from its counts and
// the price that was in force.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "purser/base/result.h"
#include "purser/pricing/price_book.h"

namespace purser::main {

struct CostReport {
  std::vector<std::string> problems;  // sentences, up to a bound
  std::uint64_t checked = 0;
  // Settled at the hold, estimated, corrected or not believed, so that no counts say what they
  // cost; or at a price that this book no longer has.
  std::uint64_t not_metered = 0, price_gone = 0;
};

// Errors: those of store::read_ledger.
Result<CostReport> verify_costs(const std::string& directory_or_file,
                                const pricing::PriceBook& book);

}  // namespace purser::main
