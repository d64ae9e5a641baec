#include "purser/identity/scope_names.h"

#include <algorithm>

#include "purser/identity/names.h"

namespace purser::identity {
namespace {

using ledger::Scope;
using ledger::ScopeKind;

std::string first_text(store::Sql& sql, std::string_view query, const Id& workspace, const Id& id) {
  std::string found;
  sql.each(query, {workspace, id}, [&](const store::Row& row) { found = row.text(0); });
  return found;
}

std::string_view name_query(ScopeKind kind) {
  switch (kind) {
    case ScopeKind::workspace:
      return "SELECT name FROM workspaces WHERE id = ?1 AND id = ?2";
    case ScopeKind::team:
      return "SELECT name FROM teams WHERE workspace = ?1 AND id = ?2";
    case ScopeKind::user:
      return "SELECT name FROM users WHERE workspace = ?1 AND id = ?2";
    case ScopeKind::membership:
      return "SELECT t.name || '/' || CASE WHEN u.email = '' THEN u.name ELSE u.email END FROM "
             "memberships m JOIN teams t ON t.workspace = m.workspace AND t.id = m.team JOIN users "
             "u ON u.workspace = m.workspace AND u.id = m.user_id WHERE m.workspace = ?1 AND m.id "
             "= ?2";
    case ScopeKind::project:
      return "SELECT name FROM projects WHERE workspace = ?1 AND id = ?2";
    case ScopeKind::key:
      return "SELECT name FROM keys WHERE workspace = ?1 AND id = ?2";
    case ScopeKind::label:
      return "SELECT name FROM labels WHERE workspace = ?1 AND id = ?2";
    case ScopeKind::task:
      return "SELECT name FROM tasks WHERE workspace = ?1 AND id = ?2";
  }
  return "SELECT ''";
}

// Of the kinds whose name alone is not unique.
std::string_view handle_query(ScopeKind kind) {
  switch (kind) {
    case ScopeKind::user:
      return "SELECT CASE WHEN email = '' THEN name ELSE email END FROM users WHERE workspace = ?1 "
             "AND id = ?2";
    case ScopeKind::key:
      return "SELECT CASE WHEN u.email = '' THEN u.name ELSE u.email END || '/' || k.name FROM "
             "keys k JOIN users u ON u.workspace = k.workspace AND u.id = k.user_id WHERE "
             "k.workspace = ?1 AND k.id = ?2";
    case ScopeKind::task:
      return "SELECT CASE WHEN u.email = '' THEN u.name ELSE u.email END || '/' || t.name FROM "
             "tasks t JOIN users u ON u.workspace = t.workspace AND u.id = t.user WHERE "
             "t.workspace = ?1 AND t.id = ?2";
    default:
      return name_query(kind);
  }
}

}  // namespace

std::string_view prefix_of(ScopeKind kind) {
  switch (kind) {
    case ScopeKind::workspace:
      return "wsp";
    case ScopeKind::team:
      return kTeamPrefix;
    case ScopeKind::user:
      return kUserPrefix;
    case ScopeKind::membership:
      return kMembershipPrefix;
    case ScopeKind::project:
      return kProjectPrefix;
    case ScopeKind::key:
      return kKeyPrefix;
    case ScopeKind::label:
      return kLabelPrefix;
    case ScopeKind::task:
      return "task";
  }
  return "";
}

std::string scope_name(store::Sql& sql, const Id& workspace, const Scope& scope) {
  std::string name = first_text(sql, name_query(scope.kind), workspace, scope.id);
  return name.empty() ? to_text(prefix_of(scope.kind), scope.id) : name;
}

std::string scope_target(store::Sql& sql, const Id& workspace, const Scope& scope) {
  std::string name = first_text(sql, handle_query(scope.kind), workspace, scope.id);
  // A task's string comes from a header and may hold any bytes; the trail holds text.
  const bool is_odd =
      scope.kind == ScopeKind::task &&
      std::any_of(name.begin(), name.end(), [](unsigned char c) { return c < 0x20 || c >= 0x7F; });
  if (name.empty() || is_odd) name = to_text(prefix_of(scope.kind), scope.id);
  return std::string(ledger::name(scope.kind)) + "/" + name;
}

}  // namespace purser::identity
