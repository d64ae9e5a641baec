// The workspace's settings, as text by their names.
#pragma once

#include <string>
#include <string_view>

#include "purser/store/sql.h"

namespace purser::store {

// Empty where it was never set.
std::string read_setting(Sql& sql, const Id& workspace, std::string_view name);
// "true", and nothing else.
bool is_setting_on(Sql& sql, const Id& workspace, std::string_view name);

}  // namespace purser::store
