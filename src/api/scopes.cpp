#include "scopes.h"

#include "purser/identity/keys.h"
#include "purser/identity/labels.h"
#include "purser/identity/memberships.h"
#include "purser/identity/names.h"
#include "purser/identity/projects.h"
#include "purser/identity/teams.h"
#include "purser/identity/users.h"
#include "purser/store/records.h"

namespace purser::api {
namespace {

using ledger::Scope;
using ledger::ScopeKind;

template <typename Found>
Result<Scope> scope_of(ScopeKind kind, const Result<Found>& found) {
  if (!found) return found.error();
  return Scope{kind, found->id};
}

Result<Scope> find_membership(store::Sql& sql, const Id& workspace, std::string_view name) {
  if (const auto id = parse_id(identity::kMembershipPrefix, name))
    return scope_of(ScopeKind::membership, identity::load_membership(sql, workspace, *id));
  // A team's name may have a slash in it, an e-mail address cannot follow one.
  const auto slash = name.rfind('/');
  if (slash == std::string_view::npos) {
    return Error{"unknown_membership",
                 "Name a membership by its team and its user: engineering/ana@example.com."};
  }
  const auto team = identity::find_team(sql, workspace, name.substr(0, slash));
  if (!team) return team.error();
  const auto user = identity::find_user(sql, workspace, name.substr(slash + 1));
  if (!user) return user.error();
  for (const auto& membership : identity::memberships_of_user(sql, workspace, user->id)) {
    if (membership.team == team->id) return Scope{ScopeKind::membership, membership.id};
  }
  return Error{"unknown_membership", user->name + " is not a member of " + team->name + "."};
}

Result<Scope> find_key(store::Sql& sql, const Id& workspace, std::string_view name) {
  const auto id = parse_id(identity::kKeyPrefix, name);
  if (!id) return Error{"unknown_key_id", "Name a key by its id (key_…); see the list of keys."};
  return scope_of(ScopeKind::key, identity::load_key(sql, workspace, *id));
}

// A task's row is made on its first use, but its id follows from its name: a cap can come first.
Result<Scope> find_task(store::Sql& sql, const Id& workspace, std::string_view name) {
  if (const auto id = parse_id("task", name)) return Scope{ScopeKind::task, *id};
  const auto slash = name.find('/');
  if (slash == std::string_view::npos || slash + 1 == name.size() || name.size() - slash > 129) {
    return Error{"unknown_task",
                 "Name a task by its user and its own string of at most 128 bytes: "
                 "ana@example.com/ticket-4711."};
  }
  const auto user = identity::find_user(sql, workspace, name.substr(0, slash));
  if (!user) return user.error();
  return Scope{ScopeKind::task, store::task_id(user->id, name.substr(slash + 1))};
}

}  // namespace

Result<Scope> find_scope(store::Sql& sql, const Id& workspace, std::string_view kind,
                         std::string_view name) {
  const auto parsed = ledger::parse_scope_kind(kind);
  if (!parsed) {
    return Error{"bad_scope", "\"" + std::string(kind.substr(0, 40)) +
                                  "\" is not a scope: workspace, team, user, membership, project, "
                                  "key, label or task."};
  }
  switch (*parsed) {
    case ScopeKind::workspace:
      return Scope{ScopeKind::workspace, workspace};
    case ScopeKind::team:
      return scope_of(*parsed, identity::find_team(sql, workspace, name));
    case ScopeKind::user:
      return scope_of(*parsed, identity::find_user(sql, workspace, name));
    case ScopeKind::membership:
      return find_membership(sql, workspace, name);
    case ScopeKind::project:
      return scope_of(*parsed, identity::find_project(sql, workspace, name));
    case ScopeKind::key:
      return find_key(sql, workspace, name);
    case ScopeKind::label:
      return scope_of(*parsed, identity::find_label(sql, workspace, name));
    case ScopeKind::task:
      return find_task(sql, workspace, name);
  }
  return Error{"bad_scope", "This is not a scope."};
}

}  // namespace purser::api
