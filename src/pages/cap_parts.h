// What the pages about a cap share: how it is called, and what is spent of it.
#pragma once

#include <string>

#include "visit.h"

namespace purser::pages {

// Of GET /api/v1/caps/{cap}: "the month's cap of the team engineering".
std::string cap_words(const json::value& cap);
// "$120.00 of $150.00 spent, $30.00 left", and until when.
Html balance(const json::value& cap);
// Where the raise or the request came to nothing.
Page failed_page(const std::string& title, const Answer& answer);

}  // namespace purser::pages
