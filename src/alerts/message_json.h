// Parts of a message as JSON, for those who write other JSON around them.
#pragma once

#include <boost/json.hpp>

#include "purser/alerts/message.h"

namespace purser::alerts {

// [{"title": "By user", "parts": [{"name": …, "amount": "USD 1.22", "percent": 74}, …]}, …]
boost::json::array to_json(const std::vector<Breakdown>& breakdowns);

}  // namespace purser::alerts
