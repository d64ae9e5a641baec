// Scopes by the names that people use: {"scope": "team", "name": "engineering"}.
#pragma once

#include "json.h"
#include "purser/base/result.h"
#include "purser/identity/scope_names.h"
#include "purser/ledger/scope.h"
#include "purser/store/sql.h"

namespace purser::api {

using identity::prefix_of;
using identity::scope_name;

// By name or id: workspace (no name), team, user (e-mail), membership ("team/e-mail"), project, key
// (id only), label, task ("e-mail/the task's string"). Errors: unknown_scope and those of the
// finders.
Result<ledger::Scope> find_scope(store::Sql& sql, const Id& workspace, std::string_view kind,
                                 std::string_view name);

}  // namespace purser::api
