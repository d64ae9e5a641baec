// Caps by id, with their balances.
#pragma once

#include "call.h"

namespace purser::api {

// Error: unknown_cap, also of one that has ended.
Result<ledger::Scope> scope_of_cap(store::Sql& sql, const Id& workspace, const Id& cap);
Result<store::CapStatus> cap_status(const Call& call, store::Sql& sql, const Id& cap);
Result<Id> parse_cap_id(std::string_view text);
Result<Reply> show_cap(const Call& call, store::Sql& sql, const Id& cap);

}  // namespace purser::api
