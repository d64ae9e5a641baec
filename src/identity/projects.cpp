#include "purser/identity/projects.h"

#include <algorithm>

#include "audit_json.h"
#include "keys_touched.h"
#include "purser/identity/names.h"
#include "purser/identity/teams.h"
#include "template_caps.h"
#include "unknown.h"

namespace purser::identity {
namespace {

std::vector<Project> select(store::Sql& sql, const Id& workspace, std::string_view where,
                            const store::Param& param) {
  std::vector<Project> found;
  sql.each("SELECT id, name, created FROM projects WHERE workspace = ?1 AND ended IS NULL AND " +
               std::string(where) + " ORDER BY handle",
           {workspace, param}, [&](const store::Row& row) {
             found.push_back({row.id(0), std::string(row.text(1)), {}, row.instant(2)});
           });
  for (auto& project : found) {
    sql.each("SELECT team FROM project_teams WHERE workspace = ?1 AND project = ?2 ORDER BY team",
             {workspace, project.id},
             [&](const store::Row& row) { project.teams.push_back(row.id(0)); });
  }
  return found;
}

std::string audit_json(store::Change& change, const Project& project) {
  std::string names;
  for (const auto& id : project.teams) {
    const auto team = load_team(change.sql(), change.workspace(), id);
    names += (names.empty() ? "[" : ",") + json_text(team ? team->name : to_text(kTeamPrefix, id));
  }
  return AuditJson()
      .text("name", project.name)
      .raw("teams", names.empty() ? "[]" : names + "]")
      .str();
}

Result<void> check_project(store::Change& change, Project& project) {
  auto checked = checked_name(project.name, "project's name");
  if (!checked) return checked.error();
  project.name = *checked;
  if (is_name_taken(change.sql(), change.workspace(), "projects", folded(project.name), project.id))
    return name_taken("project", project.name);
  std::sort(project.teams.begin(), project.teams.end());
  project.teams.erase(std::unique(project.teams.begin(), project.teams.end()), project.teams.end());
  for (const auto& id : project.teams) {
    const auto team = load_team(change.sql(), change.workspace(), id);
    if (!team) return team.error();
  }
  return {};
}

void write_teams(store::Change& change, const Project& project) {
  change.sql().run("DELETE FROM project_teams WHERE workspace = ?1 AND project = ?2",
                   {change.workspace(), project.id});
  for (const auto& team : project.teams) {
    change.sql().run("INSERT INTO project_teams (workspace, project, team) VALUES (?1, ?2, ?3)",
                     {change.workspace(), project.id, team});
  }
}

}  // namespace

Result<Id> create_project(store::Change& change, std::string_view name,
                          const std::vector<Id>& teams, const ChangedBy& by) {
  Project project{change.new_id(), std::string(name), teams, change.now()};
  auto checked = check_project(change, project);
  if (!checked) return checked.error();
  change.sql().run(
      "INSERT INTO projects (workspace, id, name, handle, created) VALUES (?1, ?2, ?3, ?4, ?5)",
      {change.workspace(), project.id, project.name, folded(project.name), project.created});
  write_teams(change, project);
  change.audit({by.actor, "project.create", "project/" + project.name, "",
                audit_json(change, project), by.reason});
  return project.id;
}

Result<void> update_project(store::Change& change, const Id& id, const ProjectUpdate& update,
                            const ChangedBy& by) {
  const auto before = load_project(change.sql(), change.workspace(), id);
  if (!before) return before.error();
  Project after = *before;
  if (update.name) after.name = *update.name;
  if (update.teams) after.teams = *update.teams;
  auto checked = check_project(change, after);
  if (!checked) return checked;
  const std::string from = audit_json(change, *before);
  const std::string to = audit_json(change, after);
  if (from == to) return {};
  change.sql().run("UPDATE projects SET name = ?3, handle = ?4 WHERE workspace = ?1 AND id = ?2",
                   {change.workspace(), id, after.name, folded(after.name)});
  write_teams(change, after);
  change.audit({by.actor, "project.update", "project/" + before->name, from, to, by.reason});
  clear_default(change, "default_project", id, after.teams, by);
  return {};
}

Result<void> end_project(store::Change& change, const Id& id, const ChangedBy& by) {
  const auto before = load_project(change.sql(), change.workspace(), id);
  if (!before) return before.error();
  change.sql().run("UPDATE projects SET ended = ?3 WHERE workspace = ?1 AND id = ?2",
                   {change.workspace(), id, change.now()});
  change.audit({by.actor, "project.end", "project/" + before->name, audit_json(change, *before), "",
                by.reason});
  clear_default(change, "default_project", id, {}, by);
  return end_caps(change, {ledger::ScopeKind::project, id}, by);
}

Result<Project> load_project(store::Sql& sql, const Id& workspace, const Id& id) {
  auto found = select(sql, workspace, "id = ?2", id);
  if (!found.empty()) return found.front();
  return unknown(sql, workspace, "project", to_text(kProjectPrefix, id));
}

Result<Project> find_project(store::Sql& sql, const Id& workspace, std::string_view id_or_name) {
  if (const auto id = parse_id(kProjectPrefix, id_or_name))
    return load_project(sql, workspace, *id);
  const std::string handle = folded(id_or_name);
  auto found = select(sql, workspace, "handle = ?2", handle);
  if (!found.empty()) return found.front();
  return unknown(sql, workspace, "project", id_or_name);
}

std::vector<Project> list_projects(store::Sql& sql, const Id& workspace) {
  return select(sql, workspace, "?2 IS NULL", nullptr);
}

}  // namespace purser::identity
