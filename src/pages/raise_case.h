// The case for a raise, as GET /api/v1/caps/{cap}/case tells it, and the amounts to choose from.
#pragma once

#include "visit.h"

namespace purser::pages {

// Pace, forecast and who consumed what; empty where there is no case.
Html case_text(const json::value& raise_case);
// Radio buttons "amount": those suggested, the one that was asked for, and a free one
// ("other_usd"). Without any to suggest, the free one alone. What was chosen before, after a slip,
// stays chosen. What is asked for is chosen from the start unless it is more than ten times what is
// suggested: nobody grants a typing error with one click.
Html amounts(const json::value& raise_case, const std::string& asked_usd,
             const std::string& asked_by, const Form& filled);

}  // namespace purser::pages
