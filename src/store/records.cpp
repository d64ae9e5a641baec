#include "purser/store/records.h"

#include <algorithm>
#include <utility>

#include "purser/audit/chain.h"

namespace purser::store {

ledger::ScopeList scopes_of(const Id& workspace, const Attribution& attribution) {
  using ledger::ScopeKind;
  ledger::ScopeList scopes;
  const auto add = [&scopes](ScopeKind kind, const Id& id) {
    if (!id.is_zero()) scopes.push_back({kind, id});
  };
  add(ScopeKind::workspace, workspace);
  add(ScopeKind::team, attribution.team);
  add(ScopeKind::user, attribution.user);
  add(ScopeKind::membership, attribution.membership);
  add(ScopeKind::project, attribution.project);
  add(ScopeKind::key, attribution.key);
  add(ScopeKind::label, attribution.label);
  add(ScopeKind::task, attribution.task);
  return scopes;
}

std::string model_id(std::string_view provider, std::string_view asked_model) {
  const bool named = asked_model.size() > provider.size() && asked_model.starts_with(provider) &&
                     asked_model[provider.size()] == '/';
  std::string id;
  if (!named) id.append(provider).push_back('/');
  return id.append(asked_model);
}

Id task_id(const Id& user, std::string_view task_name) {
  const audit::Hash hash = audit::FieldHasher({}).add("task").add(user).add(task_name).finish();
  Id id;
  std::copy_n(hash.begin(), id.bytes.size(), id.bytes.begin());
  return id;
}

}  // namespace purser::store
