// Whether the sandbox calls a tool, and which.
#pragma once

#include <optional>

#include "sandbox_reply.h"
#include "sandbox_request.h"

namespace purser::providers {

std::optional<SandboxToolCall> choose_sandbox_tool(const SandboxRequest& request);

}  // namespace purser::providers
