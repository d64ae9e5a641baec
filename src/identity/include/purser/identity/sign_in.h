// Signing in: how a person becomes a Principal without a key. A session is a random text in a
// cookie; the store keeps its keyed BLAKE2b hash, as it does of keys, and of a password only what
// Argon2id makes of it. Thread-safe; every method reads or writes the store, so: not from an io
// thread.
//
//   auto session = sign_in.with_password("ana@example.com", password, peer_address);
//   // session->text goes into the cookie; later:
//   Result<PrincipalPtr> who = sign_in.resolve(cookie_text);
//
// The Principal of a session is one of a `manage` key of that user, but for `key`, which is zero.
//
// A session ends after 12 hours (fixed, so that reading writes nothing), when signed out, when its
// user is deactivated or gets a new password, and when 30 newer ones of that user exist.
//
// A one-time secret (`psi_…`) sets a person's password, the first or a new one: good once, and for
// 24 hours. Since it cannot be guessed, nothing slows its use: it is the way in where somebody else
// keeps guessing at an admin's password (I7).
//
// Guessing a password is slowed: after 5 failures, one attempt each 30 s for that user from that
// network; after 30, for that user from anywhere; after 60 in all, one a second. The last two do
// not hold for a network from which that user has signed in since the start. An unknown user, a
// service account and a wrong password get the same answer after the same work. At most two
// passwords are checked at once (64 MiB each); who comes in between is told `busy`.
//
// Every sign-in, sign-out, password that was set, secret that was made or used, and burst of
// failures is in the audit trail, without the texts.
//
// Errors: wrong_sign_in, wrong_secret, bad_password, too_many_attempts, no_session, busy, those of
// the store.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "purser/base/result.h"
#include "purser/identity/changed_by.h"
#include "purser/identity/key_ring.h"
#include "purser/identity/principal.h"
#include "purser/store/store.h"

namespace purser::identity {

inline constexpr std::size_t kMinPasswordBytes = 12;
inline constexpr std::size_t kMaxPasswordBytes = 1024;
inline constexpr Duration kSessionLifetime = std::chrono::hours(12);
inline constexpr std::size_t kMaxSessionsOfUser = 30;
inline constexpr Duration kSignInSecretLifetime = std::chrono::hours(24);
inline constexpr int kPasswordsAtOnce = 2;

// What slows guessing: so many failures at once, and then one each `refill`.
inline constexpr int kFailuresOfUserHere = 5;  // from one network
inline constexpr int kFailuresOfUser = 30;     // from anywhere
inline constexpr int kFailuresInAll = 60;
inline constexpr Duration kFailureRefillOfUser = std::chrono::seconds(30);
inline constexpr Duration kFailureRefillInAll = std::chrono::seconds(1);

struct MadeSession {
  std::string text;  // for the cookie; shown once
  Instant expires;
  PrincipalPtr who;
};

class SignIn {
 public:
  // The ring's secret keys the hashes.
  SignIn(store::Store& store, const KeyRing& ring, Env& env);
  ~SignIn();

  // `peer` is the address that the request came from.
  Result<MadeSession> with_password(std::string_view email, std::string_view password,
                                    std::string_view peer);
  // Sets the password and signs in. Ends the user's other sessions.
  Result<MadeSession> with_secret(std::string_view secret, std::string_view new_password);
  // Whether it would be taken.
  bool is_good_secret(std::string_view secret) const;
  // The same of somebody who is signed in; the old password is checked, and guessing at it slowed.
  Result<MadeSession> change_password(const Principal& who, std::string_view old_password,
                                      std::string_view new_password, std::string_view peer);

  // Error: no_session.
  Result<PrincipalPtr> resolve(std::string_view session) const;
  // Of a session that is no more, nothing happens.
  Result<void> sign_out(std::string_view session);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

struct MadeSignInSecret {
  std::string text;  // shown once
  Instant expires;
};
// For a person; one that was made before and not used is good no more. Errors: unknown_user,
// deactivated_user, services_do_not_sign_in.
Result<MadeSignInSecret> create_sign_in_secret(store::Change& change, const KeyRing& ring, Env& env,
                                               const Id& user, const ChangedBy& by);

}  // namespace purser::identity
