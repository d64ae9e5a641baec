#include "purser/store/settings.h"

namespace purser::store {

std::string read_setting(Sql& sql, const Id& workspace, std::string_view name) {
  std::string value;
  sql.each("SELECT value FROM settings WHERE workspace = ?1 AND name = ?2", {workspace, name},
           [&](const Row& row) { value = row.text(0); });
  return value;
}

bool is_setting_on(Sql& sql, const Id& workspace, std::string_view name) {
  return read_setting(sql, workspace, name) == "true";
}

}  // namespace purser::store
