// From the configuration to what the gateway is told. Pure.
#pragma once

#include "config.h"
#include "purser/base/result.h"
#include "purser/gateway/options.h"

namespace purser::main {

// Errors: bad_base_url, bad_ca_file, naming the provider entry.
Result<gateway::GatewayOptions> gateway_options(const Config& config);

}  // namespace purser::main
