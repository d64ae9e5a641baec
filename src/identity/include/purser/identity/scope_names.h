// What scopes are called: for people, and in the audit trail. Reads the store; of what has ended,
// too.
#pragma once

#include <string>
#include <string_view>

#include "purser/ledger/scope.h"
#include "purser/store/sql.h"

namespace purser::identity {

// The prefix of the ids of this kind of scope: "team", "usr", …
std::string_view prefix_of(ledger::ScopeKind kind);

// What a person calls it: "engineering", "Ana", "engineering/ana@example.com". Its id where it has
// no name.
std::string scope_name(store::Sql& sql, const Id& workspace, const ledger::Scope& scope);

// As the audit trail names it, with names that are unique: "team/engineering",
// "user/ana@example.com", "key/ana@example.com/laptop", "task/ana@example.com/ticket-4711".
std::string scope_target(store::Sql& sql, const Id& workspace, const ledger::Scope& scope);

}  // namespace purser::identity
