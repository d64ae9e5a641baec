// The rows of sessions, passwords and one-time secrets. Hashes are KeyRing's, 32 bytes.
#pragma once

#include <optional>
#include <string>

#include "purser/identity/sign_in.h"
#include "purser/identity/users.h"
#include "purser/store/sql.h"

namespace purser::identity {

inline constexpr std::string_view kSessionPrefix = "pss_";
inline constexpr std::string_view kSignInSecretPrefix = "psi_";

// Makes room among the user's sessions first.
void insert_session(store::Change& change, const std::string& hash, const Id& user,
                    Instant expires);
// Null where there is none that is good, or its user may not sign in.
PrincipalPtr find_session(store::Sql& sql, const Id& workspace, const std::string& hash,
                          Instant now);
void end_sessions_of_user(store::Change& change, const Id& user);
// Also of the secret that was made for them.
void end_sign_in_of_user(store::Change& change, const Id& user);

struct KeptPassword {
  User user;
  std::string hash;
};
// Nobody where there is no such person, or one who is deactivated or has no password.
std::optional<KeptPassword> find_password(store::Sql& sql, const Id& workspace,
                                          std::string_view email);
void put_password(store::Change& change, const Id& user, const std::string& hash);

// The person whom a secret is for. Error: wrong_secret.
Result<User> find_secret(store::Sql& sql, const Id& workspace, const std::string& hash,
                         Instant now);

}  // namespace purser::identity
