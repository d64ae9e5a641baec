#include "open_caps.h"

#include <string>

namespace purser::identity {
namespace {

constexpr std::string_view kSelect =
    "SELECT id, scope_kind, scope_id, period, enforcement, limit_nanos, template FROM caps WHERE "
    "workspace = ?1 AND ended_at IS NULL AND ";

OpenCap cap_of(const store::Row& row) {
  return {row.id(0),
          {static_cast<ledger::ScopeKind>(row.integer(1)), row.id(2)},
          static_cast<Period>(row.integer(3)),
          static_cast<ledger::Enforcement>(row.integer(4)),
          row.nanos(5),
          row.id(6)};
}

}  // namespace

std::vector<OpenCap> open_caps_of(store::Sql& sql, const Id& workspace,
                                  const ledger::Scope& scope) {
  std::vector<OpenCap> caps;
  sql.each(std::string(kSelect) + "scope_kind = ?2 AND scope_id = ?3 ORDER BY period, enforcement",
           {workspace, static_cast<int>(scope.kind), scope.id},
           [&](const store::Row& row) { caps.push_back(cap_of(row)); });
  return caps;
}

std::vector<OpenCap> open_caps_with(store::Sql& sql, const Id& workspace, const Id& template_id) {
  std::vector<OpenCap> caps;
  sql.each(std::string(kSelect) + "template = ?2 ORDER BY id", {workspace, template_id},
           [&](const store::Row& row) { caps.push_back(cap_of(row)); });
  return caps;
}

}  // namespace purser::identity
