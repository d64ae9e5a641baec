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
};

// {"lines": [{"what", "count", "usd_per_million", "cost_usd"}], "adds_up": bool} or null where the
// price has changed since.
json::value cost_json(const Services& services, const PricedUsage& priced);

}  // namespace purser::api
