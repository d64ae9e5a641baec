// The case of a raise: three limits to choose from, as the one-click page and the command line
// offer them. A pure calculation.
//
// They rise, lie above the limit in force, and are amounts that people would choose: with steps of
// 10 % up to twice a power of ten (110, 120, …), of half one up to five (250, 300, …), then of one
// (600, 700). The first covers what is expected, the second what may come in nine of ten cases, the
// third leaves a quarter of the rest beyond that. Where the forecast asks for less than a tenth
// more than now, or there is none (a task's cap): a tenth, a quarter and half more than now. Each
// leaves a tenth of itself free beyond what is spent and held, so that requests pass again where
// the cap is paused.
//
// Amounts are nanos. Thread-safe: no state. Three, or fewer where the limit is near kMaxAmount.
//
//   for (const auto& one : suggest_raises(account, forecast)) print(one.limit, one.why);
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "purser/ledger/account.h"
#include "purser/reports/forecast.h"

namespace purser::reports {

struct RaiseSuggestion {
  Nanos limit;
  std::string why;  // "covers what is expected by the end of the month"
};

std::vector<RaiseSuggestion> suggest_raises(const ledger::Account& account,
                                            const std::optional<Forecast>& forecast);

// The smallest amount that people would choose, not below this one: 163.20 → 170.
Nanos round_up_to_choice(Nanos amount);

}  // namespace purser::reports
