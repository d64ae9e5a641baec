#include "purser/identity/key_ring.h"

#include <sodium.h>

#include <array>
#include <cstring>
#include <mutex>
#include <unordered_map>

#include "directory.h"
#include "secret_text.h"

namespace purser::identity {
namespace {

constexpr std::size_t kShards = 16;
constexpr std::size_t kHashBytes = 32;

Error unknown_key() {
  return Error{
      "unknown_key",
      "This API key is not known here: it was revoked, its user was removed, or it belongs "
      "to another workspace. Ask whoever gave it to you for a new one."};
}

Error malformed_key() {
  return Error{"unknown_key",
               "This is not a Purser API key: one is psr_ and 49 letters and digits, and the last "
               "six of them are a checksum. Check that it was copied whole."};
}

// What a key goes by in this process: SipHash-2-4 of 128 bits under a key of its own. The hash that
// the store knows it by takes eight times as long, for every request.
using Tag = std::array<unsigned char, crypto_shorthash_siphashx24_BYTES>;

struct TagHash {
  std::size_t operator()(const Tag& tag) const noexcept {
    std::size_t hash;
    std::memcpy(&hash, tag.data(), sizeof hash);
    return hash;
  }
};

struct Shard {
  struct Known {
    PrincipalPtr principal;
    Duration until;
  };
  mutable std::mutex mutex;
  std::unordered_map<Tag, Known, TagHash> known;
  std::unordered_map<Tag, Duration, TagHash> unknown;  // until when
};

}  // namespace

struct KeyRing::State {
  State(store::Store& s, Env& e, std::string k) : store(s), env(e), secret(std::move(k)) {}
  store::Store& store;
  Env& env;
  std::string secret;
  std::string tag_key;
  std::array<Shard, kShards> shards;
  mutable std::mutex directory_mutex;
  std::shared_ptr<const Directory> directory;

  Tag tag(std::string_view key_text) const {
    Tag tag;
    crypto_shorthash_siphashx24(tag.data(), reinterpret_cast<const unsigned char*>(key_text.data()),
                                key_text.size(),
                                reinterpret_cast<const unsigned char*>(tag_key.data()));
    return tag;
  }
  Shard& shard(const Tag& tag) { return shards[tag.back() % kShards]; }
};

KeyRing::KeyRing(store::Store& store, Env& env, std::string secret)
    : state_(std::make_unique<State>(store, env, std::move(secret))) {
  PURSER_ASSERT(sodium_init() >= 0);
  PURSER_ASSERT(state_->secret.size() >= crypto_generichash_KEYBYTES_MIN);
  state_->tag_key = hash("the tags of keys").substr(0, crypto_shorthash_siphashx24_KEYBYTES);
  reload_directory();
}

KeyRing::~KeyRing() {
  sodium_memzero(state_->secret.data(), state_->secret.size());
  sodium_memzero(state_->tag_key.data(), state_->tag_key.size());
}

std::string KeyRing::hash(std::string_view key_text) const {
  std::string out(kHashBytes, '\0');
  crypto_generichash(reinterpret_cast<unsigned char*>(out.data()), out.size(),
                     reinterpret_cast<const unsigned char*>(key_text.data()), key_text.size(),
                     reinterpret_cast<const unsigned char*>(state_->secret.data()),
                     state_->secret.size());
  return out;
}

PrincipalPtr KeyRing::cached(std::string_view key_text) const {
  // Whether it is well formed is asked only where it is not among the known ones.
  if (key_text.size() != kKeyTextBytes) return nullptr;
  const Tag tag = state_->tag(key_text);
  Shard& shard = state_->shard(tag);
  const std::scoped_lock lock(shard.mutex);
  const auto found = shard.known.find(tag);
  if (found == shard.known.end() || found->second.until <= state_->env.boot_now()) return nullptr;
  const PrincipalPtr& principal = found->second.principal;
  // Revoked or changed since: also for what makes no reserve, where the store would say so.
  if (!state_->store.is_current(principal->key, principal->identity_version)) return nullptr;
  return principal;
}

namespace {

// One statement, so that key, user and team are of one instant.
constexpr std::string_view kResolve =
    "SELECT k.id, k.kind, k.identity_version, u.id, u.name, u.email, u.kind, u.role, t.id, t.name, "
    "m.id, m.is_lead, k.default_project, k.default_label, k.refusal_status, k.cost_comment "
    "FROM keys k JOIN users u ON u.workspace = k.workspace AND u.id = k.user_id "
    "LEFT JOIN memberships m ON m.workspace = k.workspace AND m.id = k.membership "
    "LEFT JOIN teams t ON t.workspace = k.workspace AND t.id = m.team "
    "WHERE k.workspace = ?1 AND k.hash = ?2 AND k.revoked IS NULL AND u.deactivated IS NULL";

Principal principal_of(const store::Row& row) {
  Principal principal;
  principal.key = row.id(0);
  principal.key_kind = static_cast<KeyKind>(row.integer(1));
  principal.identity_version = row.integer(2);
  principal.user = row.id(3);
  principal.user_name = row.text(4);
  principal.user_email = row.text(5);
  principal.user_kind = static_cast<UserKind>(row.integer(6));
  principal.role = static_cast<Role>(row.integer(7));
  if (!row.is_null(8)) {
    principal.team = row.id(8);
    principal.team_name = row.text(9);
    principal.membership = row.id(10);
    principal.leads_team = row.boolean(11);
  }
  principal.default_project = row.id(12);
  principal.default_label = row.id(13);
  if (!row.is_null(14)) principal.refusal_status = static_cast<int>(row.integer(14));
  principal.cost_comment_in_streams = row.boolean(15);
  return principal;
}

PrincipalPtr read_principal(store::Store& store, const std::string& key_hash) {
  PrincipalPtr found;
  const std::span bytes(reinterpret_cast<const std::uint8_t*>(key_hash.data()), key_hash.size());
  store.read([&](store::Sql& sql) {
    sql.each(kResolve, {store.workspace(), bytes}, [&](const store::Row& row) {
      found = std::make_shared<const Principal>(principal_of(row));
    });
  });
  if (found && found->key_kind == KeyKind::use && found->membership.is_zero()) return nullptr;
  return found;
}

}  // namespace

Result<PrincipalPtr> KeyRing::resolve(std::string_view key_text) {
  if (!is_well_formed_key(key_text)) return malformed_key();
  const Tag tag = state_->tag(key_text);
  Shard& shard = state_->shard(tag);
  {
    const std::scoped_lock lock(shard.mutex);
    const auto unknown = shard.unknown.find(tag);
    if (unknown != shard.unknown.end() && state_->env.boot_now() < unknown->second)
      return unknown_key();
  }
  const PrincipalPtr found = read_principal(state_->store, hash(key_text));
  const std::scoped_lock lock(shard.mutex);
  if (!found) {
    shard.known.erase(tag);
    if (shard.unknown.size() >= kMaxUnknownKeys / kShards) shard.unknown.clear();
    shard.unknown[tag] = state_->env.boot_now() + kUnknownLifetime;
    return unknown_key();
  }
  shard.unknown.erase(tag);
  // Which one goes when it is full does not matter: it is resolved again.
  if (shard.known.size() >= kMaxCachedKeys / kShards && !shard.known.contains(tag))
    shard.known.erase(shard.known.begin());
  shard.known[tag] = {found, state_->env.boot_now() + kCacheLifetime};
  return found;
}

void KeyRing::forget(std::string_view key_text) {
  const Tag tag = state_->tag(key_text);
  Shard& shard = state_->shard(tag);
  const std::scoped_lock lock(shard.mutex);
  shard.known.erase(tag);
}

std::shared_ptr<const Directory> KeyRing::directory() const {
  const std::scoped_lock lock(state_->directory_mutex);
  return state_->directory;
}

void KeyRing::reload_directory() {
  auto fresh = std::make_shared<const Directory>(read_directory(state_->store));
  const std::scoped_lock lock(state_->directory_mutex);
  state_->directory = std::move(fresh);
}

}  // namespace purser::identity
