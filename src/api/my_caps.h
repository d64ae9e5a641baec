// The scopes and caps that the requests of a key fall under.
#pragma once

#include "call.h"

namespace purser::api {

// The widest first. A manage key pays under no team, so its holder gets those of all their teams.
std::vector<ledger::Scope> scopes_of_caller(const Call& call, store::Sql& sql);
std::vector<store::CapStatus> caps_of_caller(const Call& call, store::Sql& sql);

// Whether a request of this user may fall under the scope by naming it, though it is not their own:
// any label, and the projects of their teams.
bool may_book_on(store::Sql& sql, const Id& workspace, const Id& user, const ledger::Scope& scope);

}  // namespace purser::api
