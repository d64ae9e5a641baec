// The caps that the requests of a key fall under.
#pragma once

#include "call.h"

namespace purser::api {

// In the order of the scopes, the widest first. A manage key pays under no team, so its holder gets
// those of all their teams.
std::vector<store::CapStatus> caps_of_caller(const Call& call, store::Sql& sql);

}  // namespace purser::api
