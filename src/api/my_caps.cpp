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

}  // namespace purser::api
