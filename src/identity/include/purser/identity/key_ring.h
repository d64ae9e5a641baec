// From a key's text to its Principal. Keys are `psr_` + 256 random bits in base 62 (43 letters and
// digits) + a checksum (their CRC-32 in base 62, 6 letters and digits); the store keeps a keyed
// BLAKE2b hash, never the key. Thread-safe.
//
//   if (auto principal = ring.cached(text)) …            // never waits
//   Result<PrincipalPtr> fresh = ring.resolve(text);     // reads the store: not from an io thread
//
// What is cached is of the identity version that the store last published, so that a revoked key is
// unknown to the next request, whatever it asks for; it is read anew after a minute all the same
// (kCacheLifetime).
//
// Errors: unknown_key (malformed, revoked, or of a user who was removed). Unknown keys are
// remembered for a short while, in a bounded number, so that hammering with one costs no store.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "purser/base/result.h"
#include "purser/identity/principal.h"
#include "purser/identity/request_rules.h"
#include "purser/store/store.h"

namespace purser::identity {

inline constexpr std::size_t kMaxCachedKeys = 200'000;
inline constexpr std::size_t kMaxUnknownKeys = 10'000;
inline constexpr Duration kCacheLifetime = std::chrono::minutes(1);
inline constexpr Duration kUnknownLifetime = std::chrono::seconds(2);

using PrincipalPtr = std::shared_ptr<const Principal>;

// Projects and labels by name, as they were when the snapshot was made; every change makes a new
// one.
struct Directory {
  struct Project {
    Id id;
    std::string name;
    std::vector<Id> teams;  // that may book on it
  };
  struct Label {
    Id id;
    std::string name;
  };
  std::vector<Project> projects;  // by name
  std::vector<Label> labels;
  std::string workspace_name;
  bool allow_uncapped = false;  // the workspace's setting
  RequestRules rules;
  std::string admin_contact;  // whom to ask, for refusals: "Ada Admin <ada@example.com>"
  // By name (upper and lower case are one) or id; null: none.
  const Project* find_project(std::string_view name) const;
  const Label* find_label(std::string_view name) const;
};

class KeyRing {
 public:
  // `secret`: the key of the keyed hash; 32 bytes from a 0600 file (see load_or_make_secret).
  KeyRing(store::Store& store, Env& env, std::string secret);
  ~KeyRing();

  PrincipalPtr cached(std::string_view key_text) const;
  Result<PrincipalPtr> resolve(std::string_view key_text);
  // What was cached of this key is dropped; for a reserve that came back `stale_identity`.
  void forget(std::string_view key_text);

  std::shared_ptr<const Directory> directory() const;
  void reload_directory();  // after a change; reads the store

  std::string hash(std::string_view key_text) const;  // what the store keeps

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// True where prefix, alphabet, length and checksum are right: a typing error is told from a revoked
// key.
bool is_well_formed_key(std::string_view text);
std::string make_key_text(Env& env);

// Reads 32 bytes from the file, or makes it with mode 0600. Errors: cannot_read, wrong_mode.
Result<std::string> load_or_make_secret(const std::string& file, Env& env);

}  // namespace purser::identity
