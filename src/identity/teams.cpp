#include "purser/identity/teams.h"

#include "audit_json.h"
#include "keys_touched.h"
#include "purser/identity/memberships.h"
#include "purser/identity/names.h"
#include "revoke.h"
#include "template_caps.h"
#include "unknown.h"

namespace purser::identity {
namespace {

constexpr std::string_view kSelect =
    "SELECT id, name, created FROM teams WHERE workspace = ?1 AND ended IS NULL";

Team team_of(const store::Row& row) {
  return {row.id(0), std::string(row.text(1)), row.instant(2)};
}

Result<std::string> free_name(store::Change& change, std::string_view name, const Id& but) {
  auto checked = checked_name(name, "team's name");
  if (!checked) return checked;
  if (is_name_taken(change.sql(), change.workspace(), "teams", folded(*checked), but))
    return name_taken("team", *checked);
  return checked;
}

}  // namespace

Result<Id> create_team(store::Change& change, std::string_view name, const ChangedBy& by) {
  const auto checked = free_name(change, name, Id{});
  if (!checked) return checked.error();
  const Id id = change.new_id();
  change.sql().run(
      "INSERT INTO teams (workspace, id, name, handle, created) VALUES (?1, ?2, ?3, ?4, ?5)",
      {change.workspace(), id, *checked, folded(*checked), change.now()});
  change.audit({by.actor, "team.create", "team/" + *checked, "",
                AuditJson().text("name", *checked).str(), by.reason});
  return id;
}

Result<void> rename_team(store::Change& change, const Id& id, std::string_view name,
                         const ChangedBy& by) {
  const auto before = load_team(change.sql(), change.workspace(), id);
  if (!before) return before.error();
  const auto checked = free_name(change, name, id);
  if (!checked) return checked.error();
  if (*checked == before->name) return {};
  change.sql().run("UPDATE teams SET name = ?3, handle = ?4 WHERE workspace = ?1 AND id = ?2",
                   {change.workspace(), id, *checked, folded(*checked)});
  change.audit({by.actor, "team.update", "team/" + before->name,
                AuditJson().text("name", before->name).str(),
                AuditJson().text("name", *checked).str(), by.reason});
  raise_keys_of_team(change, id);
  return {};
}

Result<void> end_team(store::Change& change, const Id& id, const ChangedBy& by) {
  const auto team = load_team(change.sql(), change.workspace(), id);
  if (!team) return team.error();
  std::string service;
  change.sql().each(
      "SELECT name FROM users WHERE workspace = ?1 AND owner_team = ?2 AND deactivated IS NULL",
      {change.workspace(), id}, [&](const store::Row& row) { service = row.text(0); });
  if (!service.empty()) {
    return Error{"owns_services", "The team " + team->name + " owns the service account \"" +
                                      service + "\": give it another team or deactivate it first."};
  }
  for (const auto& membership : memberships_of_team(change.sql(), change.workspace(), id)) {
    auto ended = close_membership(change, membership, by);
    if (!ended) return ended;
  }
  change.sql().run("DELETE FROM project_teams WHERE workspace = ?1 AND team = ?2",
                   {change.workspace(), id});
  change.sql().run("UPDATE teams SET ended = ?3 WHERE workspace = ?1 AND id = ?2",
                   {change.workspace(), id, change.now()});
  change.audit({by.actor, "team.end", "team/" + team->name,
                AuditJson().text("name", team->name).str(), "", by.reason});
  return end_caps(change, {ledger::ScopeKind::team, id}, by);
}

Result<Team> load_team(store::Sql& sql, const Id& workspace, const Id& id) {
  std::optional<Team> found;
  sql.each(std::string(kSelect) + " AND id = ?2", {workspace, id},
           [&](const store::Row& row) { found = team_of(row); });
  if (found) return *found;
  return unknown(sql, workspace, "team", to_text(kTeamPrefix, id));
}

Result<Team> find_team(store::Sql& sql, const Id& workspace, std::string_view id_or_name) {
  if (const auto id = parse_id(kTeamPrefix, id_or_name)) return load_team(sql, workspace, *id);
  std::optional<Team> found;
  sql.each(std::string(kSelect) + " AND handle = ?2", {workspace, folded(id_or_name)},
           [&](const store::Row& row) { found = team_of(row); });
  if (found) return *found;
  return unknown(sql, workspace, "team", id_or_name);
}

std::vector<Team> list_teams(store::Sql& sql, const Id& workspace) {
  std::vector<Team> teams;
  sql.each(std::string(kSelect) + " ORDER BY handle", {workspace},
           [&](const store::Row& row) { teams.push_back(team_of(row)); });
  return teams;
}

}  // namespace purser::identity
