// The case for a raise, as GET /api/v1/caps/{cap}/case tells it, and the amounts to choose from.
#pragma once

#include "visit.h"

namespace purser::pages {

// Pace, forecast and who consumed what; empty where there is no case.
Html case_text(const json::value& raise_case);
// Radio buttons "amount": those suggested, the one that was asked for, and a free one
// ("other_usd"). Without any to suggest, the free one alone.
Html amounts(const json::value& raise_case, const std::string& asked_usd,
             const std::string& asked_by);

}  // namespace purser::pages
