// The column that holds a scope's id, in rollups as in usages.
#pragma once

#include <string>
#include <string_view>

#include "purser/ledger/scope.h"

namespace purser::reports {

// Empty for the workspace, which every row has. Rollups have no "task".
std::string_view scope_column(ledger::ScopeKind kind);

// " AND team = ?4"; for the workspace a condition that is always true.
std::string and_scope(ledger::ScopeKind kind, std::string_view parameter);

}  // namespace purser::reports
