#include "keys_touched.h"

#include <algorithm>
#include <string>

#include "key_settings.h"
#include "purser/identity/scope_names.h"

namespace purser::identity {
namespace {

// Ids first, changes after: a statement that is being read must not see its own table change.
void raise_all(store::Change& change, const std::vector<Id>& keys) {
  for (const auto& key : keys) change.raise_identity_version(key);
}

}  // namespace

void raise_keys_of_user(store::Change& change, const Id& user) {
  std::vector<Id> keys;
  change.sql().each("SELECT id FROM keys WHERE workspace = ?1 AND user_id = ?2",
                    {change.workspace(), user},
                    [&](const store::Row& row) { keys.push_back(row.id(0)); });
  raise_all(change, keys);
}

void raise_keys_of_team(store::Change& change, const Id& team) {
  std::vector<Id> keys;
  change.sql().each(
      "SELECT k.id FROM memberships m JOIN keys k ON k.workspace = m.workspace AND "
      "k.membership = m.id WHERE m.workspace = ?1 AND m.team = ?2",
      {change.workspace(), team}, [&](const store::Row& row) { keys.push_back(row.id(0)); });
  raise_all(change, keys);
}

std::vector<Id> keys_of_membership(store::Sql& sql, const Id& workspace, const Id& membership) {
  std::vector<Id> keys;
  sql.each("SELECT id FROM keys WHERE workspace = ?1 AND membership = ?2 AND revoked IS NULL",
           {workspace, membership}, [&](const store::Row& row) { keys.push_back(row.id(0)); });
  return keys;
}

void clear_default(store::Change& change, std::string_view column, const Id& value,
                   const std::vector<Id>& only_teams_other_than, const ChangedBy& by) {
  std::vector<Id> keys;
  change.sql().each(
      "SELECT k.id, m.team FROM keys k LEFT JOIN memberships m ON m.workspace = "
      "k.workspace AND m.id = k.membership WHERE k.workspace = ?1 AND k." +
          std::string(column) + " = ?2",
      {change.workspace(), value}, [&](const store::Row& row) {
        const auto& kept = only_teams_other_than;
        if (std::find(kept.begin(), kept.end(), row.id(1)) == kept.end()) keys.push_back(row.id(0));
      });
  const std::string update =
      "UPDATE keys SET " + std::string(column) + " = NULL WHERE workspace = ?1 AND id = ?2";
  const auto settings = [&](const Key& key) {
    return settings_json(change.sql(), change.workspace(), key);
  };
  for (const auto& id : keys) {
    const auto before = load_key(change.sql(), change.workspace(), id);
    change.sql().run(update, {change.workspace(), id});
    change.raise_identity_version(id);
    const auto after = load_key(change.sql(), change.workspace(), id);
    if (!before || !after || before->revoked) continue;
    const ledger::Scope scope{ledger::ScopeKind::key, id};
    change.audit({by.actor, "key.update", scope_target(change.sql(), change.workspace(), scope),
                  settings(*before), settings(*after), by.reason});
  }
}

}  // namespace purser::identity
