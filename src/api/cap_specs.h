// A list of caps in a body: [{"period": "month", "limit_usd": "150", "enforcement": "hard"}].
#pragma once

#include "body.h"
#include "purser/identity/templates.h"

namespace purser::api {

std::optional<std::vector<identity::TemplateCap>> cap_specs(Body& body, std::string_view name);

// Errors go into the body; `hard` where there is none.
ledger::Enforcement enforcement_of(Body& body);
Period period_of(Body& body, std::string_view when_absent);

}  // namespace purser::api
