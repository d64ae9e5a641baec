// Teams. A department is a team; teams do not nest. Every change is audited.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "purser/identity/changed_by.h"
#include "purser/store/sql.h"

namespace purser::identity {

struct Team {
  Id id;
  std::string name;
  Instant created;
};

// Errors: bad_name, name_taken.
Result<Id> create_team(store::Change& change, std::string_view name, const ChangedBy& by);
// Errors: unknown_team, bad_name, name_taken.
Result<void> rename_team(store::Change& change, const Id& team, std::string_view name,
                         const ChangedBy& by);
// Ends its memberships, revokes the keys that pay under it and ends its caps. Errors: unknown_team,
// owns_services (give its service accounts another team first).
Result<void> end_team(store::Change& change, const Id& team, const ChangedBy& by);

// By id or name, of those that have not ended. Error: unknown_team, which lists those that exist.
Result<Team> find_team(store::Sql& sql, const Id& workspace, std::string_view id_or_name);
Result<Team> load_team(store::Sql& sql, const Id& workspace, const Id& id);
std::vector<Team> list_teams(store::Sql& sql, const Id& workspace);  // by name

}  // namespace purser::identity
