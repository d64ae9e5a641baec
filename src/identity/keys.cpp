#include "purser/identity/keys.h"

#include "audit_json.h"
#include "key_settings.h"
#include "purser/identity/memberships.h"
#include "purser/identity/names.h"
#include "purser/identity/users.h"

namespace purser::identity {
namespace {

constexpr std::size_t kHintLetters = 8;  // "psr_" and four more: 24 of 256 bits
constexpr std::string_view kSelect =
    "SELECT k.id, k.kind, k.name, k.hint, k.user_id, k.membership, m.team, k.default_project, "
    "k.default_label, k.refusal_status, k.cost_comment, k.created, k.revoked FROM keys k LEFT JOIN "
    "memberships m ON m.workspace = k.workspace AND m.id = k.membership WHERE k.workspace = ?1";

Key key_of(const store::Row& row) {
  Key key;
  key.id = row.id(0);
  key.kind = static_cast<KeyKind>(row.integer(1));
  key.name = row.text(2);
  key.hint = row.text(3);
  key.user = row.id(4);
  key.membership = row.id(5);
  key.team = row.id(6);
  key.default_project = row.id(7);
  key.default_label = row.id(8);
  if (!row.is_null(9)) key.refusal_status = static_cast<int>(row.integer(9));
  key.cost_comment_in_streams = row.boolean(10);
  key.created = row.instant(11);
  if (!row.is_null(12)) key.revoked = row.instant(12);
  return key;
}

// "key/ana@example.com/laptop"
std::string target_of(store::Change& change, const Key& key) {
  const auto user = load_user(change.sql(), change.workspace(), key.user);
  return "key/" + (user ? audit_target(*user).substr(5) : std::string("unknown")) + "/" + key.name;
}

store::Param or_null(const Id& id) { return id.is_zero() ? store::Param(nullptr) : id; }

store::Param or_null(const std::optional<int>& value) {
  return value ? store::Param(*value) : nullptr;
}

// Which membership a `use` key is bound to.
Result<Membership> choose_membership(store::Change& change, const User& user, const Id& team) {
  const auto all = memberships_of_user(change.sql(), change.workspace(), user.id);
  if (all.empty()) {
    return Error{"no_team", user.name + " is in no team, and an AI request pays under one: add " +
                                user.name + " to a team first."};
  }
  if (team.is_zero() && all.size() == 1) return all.front();
  std::string listed;
  for (const auto& membership : all) {
    if (membership.team == team) return membership;
    listed += (listed.empty() ? "" : ", ") + membership.team_name;
  }
  if (team.is_zero()) {
    return Error{"ambiguous_team", user.name +
                                       " is in several teams: say which of them this key "
                                       "pays under (" +
                                       listed + ")."};
  }
  return Error{"not_a_member",
               user.name + " is not a member of that team, but of: " + listed + "."};
}

Result<void> check_number_of_keys(store::Change& change, const User& user) {
  std::int64_t count = 0;
  change.sql().each(
      "SELECT count(*) FROM keys WHERE workspace = ?1 AND user_id = ?2 AND revoked IS NULL",
      {change.workspace(), user.id}, [&](const store::Row& row) { count = row.integer(0); });
  if (count < kMaxKeysOfUser) return {};
  return Error{"too_many_keys", user.name + " has " + std::to_string(count) +
                                    " keys already: revoke one that is no longer used."};
}

void announce_key(store::Change& change, const Key& key, const User& user, const ChangedBy& by) {
  const std::string body = AuditJson()
                               .id("key", kKeyPrefix, key.id)
                               .text("name", key.name)
                               .text("kind", name(key.kind))
                               .id("user", kUserPrefix, user.id)
                               .text("user_name", audit_target(user).substr(5))
                               .id("by", kUserPrefix, by.actor.user)
                               .text("by_name", by.actor.name)
                               .str();
  change.announce({store::EventKind::key_made, {ledger::ScopeKind::key, key.id}, {}, key.id, body});
}

}  // namespace

Result<MadeKey> create_key(store::Change& change, const KeyRing& ring, Env& env, const NewKey& made,
                           const ChangedBy& by) {
  const auto user = load_user(change.sql(), change.workspace(), made.user);
  if (!user) return user.error();
  if (user->deactivated) {
    return Error{"deactivated_user",
                 user->name + " is deactivated: reactivate this user before making a key."};
  }
  auto room = check_number_of_keys(change, *user);
  if (!room) return room.error();
  Key key;
  key.kind = made.kind;
  key.name = std::string(name(made.kind)) + " key";
  key.user = made.user;
  key.created = change.now();
  if (made.kind == KeyKind::use) {
    const auto membership = choose_membership(change, *user, made.team);
    if (!membership) return membership.error();
    key.membership = membership->id;
    key.team = membership->team;
  }
  auto put = put_settings(change.sql(), change.workspace(), made.settings, key);
  if (!put) return put.error();
  key.id = change.new_id();
  const std::string text = make_key_text(env);
  const std::string hash = ring.hash(text);
  const std::span hash_bytes(reinterpret_cast<const std::uint8_t*>(hash.data()), hash.size());
  change.sql().run(
      "INSERT INTO keys (workspace, id, identity_version, kind, name, hint, hash, user_id, "
      "membership, default_project, default_label, refusal_status, cost_comment, created) VALUES "
      "(?1, ?2, 1, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)",
      {change.workspace(), key.id, static_cast<int>(key.kind), key.name,
       std::string_view(text).substr(0, kHintLetters), hash_bytes, key.user,
       or_null(key.membership), or_null(key.default_project), or_null(key.default_label),
       or_null(key.refusal_status), key.cost_comment_in_streams, key.created});
  change.raise_identity_version(key.id);
  change.audit({by.actor, "key.create", target_of(change, key), "",
                settings_json(change.sql(), change.workspace(), key), by.reason});
  announce_key(change, key, *user, by);
  return MadeKey{key.id, text};
}

Result<void> update_key(store::Change& change, const Id& id, const KeySettings& settings,
                        const ChangedBy& by) {
  const auto before = load_key(change.sql(), change.workspace(), id);
  if (!before) return before.error();
  if (before->revoked) return Error{"already_revoked", "This key was revoked; make a new one."};
  Key after = *before;
  auto put = put_settings(change.sql(), change.workspace(), settings, after);
  if (!put) return put;
  const std::string from = settings_json(change.sql(), change.workspace(), *before);
  const std::string to = settings_json(change.sql(), change.workspace(), after);
  if (from == to) return {};
  change.sql().run(
      "UPDATE keys SET name = ?3, default_project = ?4, default_label = ?5, refusal_status = ?6, "
      "cost_comment = ?7 WHERE workspace = ?1 AND id = ?2",
      {change.workspace(), id, after.name, or_null(after.default_project),
       or_null(after.default_label), or_null(after.refusal_status), after.cost_comment_in_streams});
  change.audit({by.actor, "key.update", target_of(change, *before), from, to, by.reason});
  change.raise_identity_version(id);
  return {};
}

Result<void> revoke_key(store::Change& change, const Id& id, const ChangedBy& by) {
  const auto key = load_key(change.sql(), change.workspace(), id);
  if (!key) return key.error();
  if (key->revoked) return Error{"already_revoked", "This key was revoked already."};
  change.sql().run("UPDATE keys SET revoked = ?3 WHERE workspace = ?1 AND id = ?2",
                   {change.workspace(), id, change.now()});
  change.audit({by.actor, "key.revoke", target_of(change, *key), R"({"revoked":false})",
                R"({"revoked":true})", by.reason});
  change.raise_identity_version(id);
  return {};
}

Result<Key> load_key(store::Sql& sql, const Id& workspace, const Id& id) {
  std::optional<Key> found;
  sql.each(std::string(kSelect) + " AND k.id = ?2", {workspace, id},
           [&](const store::Row& row) { found = key_of(row); });
  if (found) return *found;
  return Error{"unknown_key_id", "There is no key with the id " + to_text(kKeyPrefix, id) + "."};
}

std::vector<Key> list_keys(store::Sql& sql, const Id& workspace, const KeyFilter& filter) {
  std::string query = std::string(kSelect) + " AND k.id > ?2";
  std::vector<store::Param> params = {workspace, filter.after,
                                      static_cast<std::int64_t>(filter.limit)};
  if (!filter.with_revoked) query += " AND k.revoked IS NULL";
  if (!filter.user.is_zero()) {
    params.emplace_back(filter.user);
    query += " AND k.user_id = ?" + std::to_string(params.size());
  }
  if (!filter.teams.empty()) {
    query += " AND m.team IN (";
    for (std::size_t i = 0; i < filter.teams.size(); ++i) {
      params.emplace_back(filter.teams[i]);
      query += (i == 0 ? "?" : ", ?") + std::to_string(params.size());
    }
    query += ")";
  }
  query += " ORDER BY k.id LIMIT ?3";
  std::vector<Key> keys;
  sql.each(query, params, [&](const store::Row& row) { keys.push_back(key_of(row)); });
  return keys;
}

}  // namespace purser::identity
