// How the cost of a usage came about: counts × prices, as far as the price book still has the price
// that was in force.
#pragma once

#include "call.h"
#include "purser/pricing/usage.h"

namespace purser::api {

struct PricedUsage {
  std::string price_id;
  std::string price_version;
  Instant reserved_at;
  Nanos cost;
  pricing::Usage usage;
  bool is_hold = false;  // settled at its hold
};

// {"lines": [{"what", "count", "rate_usd", "cost_usd"}], "adds_up": bool} or null where the price
// has changed since. Of what was settled in full, the hold is the one line.
json::value cost_json(const Services& services, const PricedUsage& priced);

}  // namespace purser::api
