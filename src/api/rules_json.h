// The rules on single requests that hold for a caller.
#pragma once

#include "call.h"

namespace purser::api {

// Of the scopes that the caller's requests fall under, the widest first.
json::array rules_of_caller(const Call& call, store::Sql& sql);

}  // namespace purser::api
