#include "my_caps.h"

#include "purser/identity/memberships.h"

namespace purser::api {

using ledger::ScopeKind;

std::vector<ledger::Scope> scopes_of_caller(const Call& call, store::Sql& sql) {
  const identity::Principal& who = call.who;
  std::vector<ledger::Scope> scopes;
  const auto add = [&](ScopeKind kind, const Id& id) {
    if (!id.is_zero()) scopes.push_back({kind, id});
  };
  add(ScopeKind::workspace, call.workspace());
  add(ScopeKind::team, who.team);
  add(ScopeKind::user, who.user);
  add(ScopeKind::membership, who.membership);
  add(ScopeKind::project, who.default_project);
  add(ScopeKind::key, who.key);
  add(ScopeKind::label, who.default_label);
  if (!who.team.is_zero()) return scopes;
  for (const auto& membership : identity::memberships_of_user(sql, call.workspace(), who.user)) {
    add(ScopeKind::team, membership.team);
    add(ScopeKind::membership, membership.id);
  }
  return scopes;
}

std::vector<store::CapStatus> caps_of_caller(const Call& call, store::Sql& sql) {
  std::vector<store::CapStatus> caps;
  for (const ledger::Scope& scope : scopes_of_caller(call, sql)) {
    ledger::ScopeList one;
    one.push_back(scope);
    for (auto& cap : call.store().caps(one)) caps.push_back(std::move(cap));
  }
  return caps;
}

bool may_book_on(store::Sql& sql, const Id& workspace, const Id& user, const ledger::Scope& scope) {
  if (scope.kind == ScopeKind::label) return true;
  if (scope.kind != ScopeKind::project) return false;
  bool found = false;
  sql.each(
      "SELECT 1 FROM project_teams p JOIN memberships m ON m.workspace = p.workspace AND m.team = "
      "p.team WHERE p.workspace = ?1 AND p.project = ?2 AND m.user_id = ?3 AND m.ended IS NULL "
      "LIMIT 1",
      {workspace, scope.id, user}, [&](const store::Row&) { found = true; });
  return found;
}

}  // namespace purser::api
