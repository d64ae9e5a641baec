// What a request would cost at most and whether it would pass, without sending or holding anything.
#pragma once

#include <string>
#include <string_view>

#include "purser/base/result.h"
#include "purser/identity/principal.h"
#include "state.h"

namespace purser::gateway {

Result<std::string> estimate(GatewayState& state, const identity::Principal& principal,
                             std::string_view path, std::string_view body);

}  // namespace purser::gateway
