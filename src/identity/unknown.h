// The error for a name that does not exist; it lists those that do.
#pragma once

#include <string_view>

#include "purser/base/result.h"
#include "purser/store/sql.h"

namespace purser::identity {

// `what` is "team", "project", "label" or "template": the code is "unknown_<what>".
Error unknown(store::Sql& sql, const Id& workspace, std::string_view what, std::string_view asked);

// True where a row of the table that has not ended carries the name, but for `but`.
bool is_name_taken(store::Sql& sql, const Id& workspace, std::string_view table,
                   std::string_view handle, const Id& but);
Error name_taken(std::string_view what, std::string_view name);

}  // namespace purser::identity
