// Projects: what work is booked on. A project lists the teams that may book on it. Every change is
// audited. After a change, KeyRing::reload_directory().
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "purser/identity/changed_by.h"
#include "purser/store/sql.h"

namespace purser::identity {

struct Project {
  Id id;
  std::string name;
  std::vector<Id> teams;
  Instant created;
};

// Errors: bad_name, name_taken, unknown_team.
Result<Id> create_project(store::Change& change, std::string_view name,
                          const std::vector<Id>& teams, const ChangedBy& by);

struct ProjectUpdate {
  std::optional<std::string> name;
  std::optional<std::vector<Id>> teams;
};
// A key whose team may no longer book on its default project loses that default.
Result<void> update_project(store::Change& change, const Id& project, const ProjectUpdate& update,
                            const ChangedBy& by);
// Keys lose it as default, and its caps end. Error: unknown_project.
Result<void> end_project(store::Change& change, const Id& project, const ChangedBy& by);

// Error: unknown_project, which lists those that exist.
Result<Project> find_project(store::Sql& sql, const Id& workspace, std::string_view id_or_name);
Result<Project> load_project(store::Sql& sql, const Id& workspace, const Id& id);
std::vector<Project> list_projects(store::Sql& sql, const Id& workspace);  // by name

}  // namespace purser::identity
