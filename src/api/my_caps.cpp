#include "my_caps.h"

#include "purser/identity/memberships.h"

namespace purser::api {

using ledger::ScopeKind;

std::vector<store::CapStatus> caps_of_caller(const Call& call, store::Sql& sql) {
  const identity::Principal& who = call.who;
  ledger::ScopeList scopes;
  scopes.push_back({ScopeKind::workspace, call.workspace()});
  if (!who.team.is_zero()) scopes.push_back({ScopeKind::team, who.team});
  scopes.push_back({ScopeKind::user, who.user});
  if (!who.membership.is_zero()) scopes.push_back({ScopeKind::membership, who.membership});
  if (!who.default_project.is_zero()) scopes.push_back({ScopeKind::project, who.default_project});
  if (!who.key.is_zero()) scopes.push_back({ScopeKind::key, who.key});
  if (!who.default_label.is_zero()) scopes.push_back({ScopeKind::label, who.default_label});
  auto caps = call.store().caps(scopes);
  if (!who.team.is_zero()) return caps;
  for (const auto& membership : identity::memberships_of_user(sql, call.workspace(), who.user)) {
    ledger::ScopeList more;
    more.push_back({ScopeKind::team, membership.team});
    more.push_back({ScopeKind::membership, membership.id});
    for (auto& cap : call.store().caps(more)) caps.push_back(std::move(cap));
  }
  return caps;
}

}  // namespace purser::api
