#include "sight.h"

#include <algorithm>

#include "purser/identity/keys.h"
#include "purser/identity/memberships.h"

namespace purser::api {
namespace {

bool contains(const std::vector<Id>& ids, const Id& id) {
  return std::find(ids.begin(), ids.end(), id) != ids.end();
}

}  // namespace

bool Sight::leads(const Id& team) const { return contains(teams_led, team); }

bool Sight::is_in(const Id& team) const { return contains(teams, team); }

bool Sight::sees_user(store::Sql& sql, const Id& workspace, const Id& other) const {
  if (everything || other == user) return true;
  if (teams_led.empty()) return false;
  for (const auto& membership : identity::memberships_of_user(sql, workspace, other)) {
    if (leads(membership.team)) return true;
  }
  return false;
}

bool Sight::sees_scope(store::Sql& sql, const Id& workspace, const ledger::Scope& scope) const {
  using ledger::ScopeKind;
  if (everything) return true;
  switch (scope.kind) {
    case ScopeKind::workspace:
      return true;  // /me shows what binds everybody
    case ScopeKind::team:
      return is_in(scope.id);
    case ScopeKind::user:
      return sees_user(sql, workspace, scope.id);
    case ScopeKind::membership: {
      if (contains(memberships, scope.id)) return true;
      const auto membership = identity::load_membership(sql, workspace, scope.id);
      return membership.ok() && leads(membership->team);
    }
    case ScopeKind::key: {
      const auto key = identity::load_key(sql, workspace, scope.id);
      return key.ok() && sees_user(sql, workspace, key->user);
    }
    case ScopeKind::task: {
      bool own = false;
      // The budget of one may come before its row, which its first granted request makes.
      sql.each(
          "SELECT user FROM tasks WHERE workspace = ?1 AND id = ?2 UNION ALL SELECT user FROM "
          "task_budgets WHERE workspace = ?1 AND user = ?3 AND task = ?2",
          {workspace, scope.id, user},
          [&](const store::Row& row) { own = own || row.id(0) == user; });
      return own;
    }
    case ScopeKind::project:
    case ScopeKind::label:
      return false;  // they count what others spent
  }
  return false;
}

Sight sight_of(store::Sql& sql, const Id& workspace, const identity::Principal& who) {
  Sight sight;
  sight.user = who.user;
  sight.everything = who.role == identity::Role::admin || who.role == identity::Role::finance;
  for (const auto& membership : identity::memberships_of_user(sql, workspace, who.user)) {
    sight.teams.push_back(membership.team);
    sight.memberships.push_back(membership.id);
    if (membership.is_lead) sight.teams_led.push_back(membership.team);
  }
  return sight;
}

}  // namespace purser::api
