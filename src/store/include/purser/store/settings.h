// The workspace's settings, as text by their names.
#pragma once

#include <string>
#include <string_view>

#include "purser/ledger/thresholds.h"
#include "purser/store/sql.h"

namespace purser::store {

// Empty where it was never set.
std::string read_setting(Sql& sql, const Id& workspace, std::string_view name);
// "true", and nothing else.
bool is_setting_on(Sql& sql, const Id& workspace, std::string_view name);
// At which shares of a limit people are told, where neither team nor cap has its own.
ledger::PercentSet workspace_thresholds(Sql& sql, const Id& workspace);

}  // namespace purser::store
