// Keys as rows: made, set, revoked. What a key's text is and how it becomes a Principal:
// key_ring.h. The text is handed out once, by create_key; it is in no table and in no audit entry.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "purser/identity/changed_by.h"
#include "purser/identity/key_ring.h"
#include "purser/identity/principal.h"
#include "purser/store/sql.h"

namespace purser::identity {

inline constexpr std::int64_t kMaxKeysOfUser = 100;  // that are not revoked

struct Key {
  Id id;
  KeyKind kind = KeyKind::use;
  std::string name;
  std::string hint;  // its first letters: "psr_4fTq…"
  Id user;
  Id membership;  // of a `use` key
  Id team;
  Id default_project;
  Id default_label;
  std::optional<int> refusal_status;
  bool cost_comment_in_streams = false;
  Instant created;
  std::optional<Instant> revoked;
};

// What of a key can be changed. In an update: absent keeps, and a zero id or a zero status clears.
struct KeySettings {
  std::optional<std::string> name;
  std::optional<Id> default_project;
  std::optional<Id> default_label;
  std::optional<int> refusal_status;  // 400, 402, 403 or 429; 0: by the client
  std::optional<bool> cost_comment_in_streams;
};

struct NewKey {
  KeyKind kind = KeyKind::use;
  Id user;
  Id team;  // of a `use` key; zero: the user's only one
  KeySettings settings;
};
struct MadeKey {
  Id id;
  std::string text;  // shown once
};
// Errors: unknown_user, deactivated_user, no_team, ambiguous_team, not_a_member, unknown_project,
// project_not_of_team, unknown_label, bad_refusal_status, bad_name, too_many_keys.
Result<MadeKey> create_key(store::Change& change, const KeyRing& ring, Env& env, const NewKey& made,
                           const ChangedBy& by);
Result<void> update_key(store::Change& change, const Id& key, const KeySettings& settings,
                        const ChangedBy& by);
// For good. Errors: unknown_key_id, already_revoked.
Result<void> revoke_key(store::Change& change, const Id& key, const ChangedBy& by);

Result<Key> load_key(store::Sql& sql, const Id& workspace, const Id& id);

struct KeyFilter {
  Id after;
  std::size_t limit = 100;
  Id user;                // zero: everybody's
  std::vector<Id> teams;  // only keys of members of these; empty: no matter
  bool with_revoked = false;
};
std::vector<Key> list_keys(store::Sql& sql, const Id& workspace, const KeyFilter& filter);

}  // namespace purser::identity
