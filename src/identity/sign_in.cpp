#include "purser/identity/sign_in.h"

#include "audit_json.h"
#include "password.h"
#include "purser/identity/names.h"
#include "secret_text.h"
#include "sessions.h"
#include "sign_in_failures.h"

namespace purser::identity {
namespace {

Error wrong_sign_in() {
  return Error{"wrong_sign_in",
               "The e-mail address or the password is not right. Who has no password yet, or has "
               "lost it, asks an admin for a one-time sign-in link."};
}

Error too_many_attempts() {
  return Error{"too_many_attempts",
               "There were too many failed sign-ins: wait half a minute before each further try. A "
               "one-time sign-in link works at once; an admin makes one with `purser "
               "sign-in-secret EMAIL`."};
}

Error no_session() {
  return Error{"no_session", "You are not signed in, or no longer: sign in again."};
}

store::Actor actor_of(const User& user) { return {user.id, user.email}; }

}  // namespace

struct SignIn::State {
  store::Store& store;
  const KeyRing& ring;
  Env& env;
  PasswordHasher passwords;
  SignInFailures failures;

  State(store::Store& s, const KeyRing& r, Env& e) : store(s), ring(r), env(e), failures(e) {}

  // Whether the attempt may be made. A burst is put on record; whether the user exists makes no
  // difference to what is done.
  Result<void> begin(std::string_view email, std::string_view peer) {
    const auto verdict = failures.begin(folded(email), peer);
    if (verdict == SignInFailures::Verdict::may_try) return {};
    if (verdict == SignInFailures::Verdict::refused_and_worth_a_record) {
      auto recorded = store.change([&](store::Change& change) -> Result<void> {
        const auto user = find_user(change.sql(), change.workspace(), email);
        const bool is_person = user && user->kind == UserKind::person;
        change.audit({{Id{}, "purser"},
                      "sign_in.refused",
                      is_person ? audit_target(*user) : "user/unknown",
                      "",
                      "",
                      "too many failed sign-ins"});
        return {};
      });
      if (!recorded) return recorded;
    }
    return too_many_attempts();
  }

  Result<KeptPassword> check(std::string_view email, std::string_view password,
                             std::string_view peer) {
    if (auto may = begin(email, peer); !may) return may.error();
    std::optional<KeptPassword> kept;
    store.read([&](store::Sql& sql) { kept = find_password(sql, store.workspace(), email); });
    const auto matches = passwords.matches(kept ? kept->hash : std::string(), password);
    if (!matches) return matches.error();
    if (!*matches) return wrong_sign_in();
    failures.succeeded(folded(email), peer);
    return *kept;
  }

  // The same password still, inside the change that it allows.
  Result<void> check_again(store::Change& change, const KeptPassword& before) {
    const auto now = find_password(change.sql(), change.workspace(), before.user.email);
    if (!now || now->user.id != before.user.id || now->hash != before.hash) return wrong_sign_in();
    return {};
  }

  // Inside one change: the session, and what the trail says of it.
  MadeSession add_session(store::Change& change, const User& user) {
    MadeSession made;
    made.text = make_secret_text(kSessionPrefix, env);
    made.expires = change.now() + kSessionLifetime;
    insert_session(change, ring.hash(made.text), user.id, made.expires);
    change.audit({actor_of(user), "sign_in", audit_target(user), "",
                  AuditJson().text("until", format_instant(made.expires)).str(), ""});
    return made;
  }

  void set_password(store::Change& change, const User& user, const std::string& hash) {
    put_password(change, user.id, hash);
    end_sessions_of_user(change, user.id);
    change.audit({actor_of(user), "password.set", audit_target(user), "", "", ""});
  }

  Result<MadeSession> finished(Result<void> changed, MadeSession made) {
    if (!changed) return changed.error();
    store.read([&](store::Sql& sql) {
      made.who = find_session(sql, store.workspace(), ring.hash(made.text), store.ledger_now());
    });
    if (!made.who) return no_session();  // deactivated in between
    return made;
  }
};

SignIn::SignIn(store::Store& store, const KeyRing& ring, Env& env)
    : state_(std::make_unique<State>(store, ring, env)) {}

SignIn::~SignIn() = default;

Result<MadeSession> SignIn::with_password(std::string_view email, std::string_view password,
                                          std::string_view peer) {
  if (password.size() > kMaxPasswordBytes || email.size() > kMaxEmailBytes) return wrong_sign_in();
  const auto kept = state_->check(email, password, peer);
  if (!kept) return kept.error();
  MadeSession made;
  auto changed = state_->store.change([&](store::Change& change) -> Result<void> {
    if (auto same = state_->check_again(change, *kept); !same) return same;
    made = state_->add_session(change, kept->user);
    return {};
  });
  return state_->finished(std::move(changed), std::move(made));
}

Result<MadeSession> SignIn::with_secret(std::string_view secret, std::string_view new_password) {
  if (!is_well_formed_secret(kSignInSecretPrefix, secret)) {
    return Error{"wrong_secret",
                 "This is not a one-time secret: one is psi_ and 49 letters and digits. Check that "
                 "the link was copied whole."};
  }
  if (auto good = check_password(new_password); !good) return good.error();
  const std::string secret_hash = state_->ring.hash(secret);
  const Id& workspace = state_->store.workspace();
  std::optional<Result<User>> user;
  state_->store.read([&](store::Sql& sql) {
    user.emplace(find_secret(sql, workspace, secret_hash, state_->store.ledger_now()));
  });
  if (!*user) return user->error();
  const auto hash = state_->passwords.hash(new_password);
  if (!hash) return hash.error();
  MadeSession made;
  auto changed = state_->store.change([&](store::Change& change) -> Result<void> {
    // Again, since of two that use it at once only one may.
    const auto holder = find_secret(change.sql(), workspace, secret_hash, change.now());
    if (!holder) return holder.error();
    const std::span bytes(reinterpret_cast<const std::uint8_t*>(secret_hash.data()),
                          secret_hash.size());
    change.sql().run("UPDATE sign_in_secrets SET used_at = ?3 WHERE workspace = ?1 AND hash = ?2",
                     {workspace, bytes, change.now()});
    change.audit({actor_of(*holder), "sign_in_secret.use", audit_target(*holder), "", "", ""});
    state_->set_password(change, *holder, *hash);
    made = state_->add_session(change, *holder);
    return {};
  });
  return state_->finished(std::move(changed), std::move(made));
}

bool SignIn::is_good_secret(std::string_view secret) const {
  const std::string hash = state_->ring.hash(secret);
  bool is_good = false;
  state_->store.read([&](store::Sql& sql) {
    is_good = find_secret(sql, state_->store.workspace(), hash, state_->store.ledger_now()).ok();
  });
  return is_good;
}

Result<MadeSession> SignIn::change_password(const Principal& who, std::string_view old_password,
                                            std::string_view new_password, std::string_view peer) {
  if (auto good = check_password(new_password); !good) return good.error();
  if (old_password.size() > kMaxPasswordBytes) return wrong_sign_in();
  const auto kept = state_->check(who.user_email, old_password, peer);
  if (!kept) return kept.error();
  const auto hash = state_->passwords.hash(new_password);
  if (!hash) return hash.error();
  MadeSession made;
  auto changed = state_->store.change([&](store::Change& change) -> Result<void> {
    if (auto same = state_->check_again(change, *kept); !same) return same;
    state_->set_password(change, kept->user, *hash);
    made = state_->add_session(change, kept->user);
    return {};
  });
  return state_->finished(std::move(changed), std::move(made));
}

Result<PrincipalPtr> SignIn::resolve(std::string_view session) const {
  if (!is_well_formed_secret(kSessionPrefix, session)) return no_session();
  const auto& store = state_->store;
  PrincipalPtr who;
  state_->store.read([&](store::Sql& sql) {
    who = find_session(sql, store.workspace(), state_->ring.hash(session), store.ledger_now());
  });
  if (!who) return no_session();
  return who;
}

Result<void> SignIn::sign_out(std::string_view session) {
  const auto who = resolve(session);
  if (!who) return {};
  const std::string hash = state_->ring.hash(session);
  return state_->store.change([&](store::Change& change) -> Result<void> {
    const std::span bytes(reinterpret_cast<const std::uint8_t*>(hash.data()), hash.size());
    change.sql().run("DELETE FROM sessions WHERE workspace = ?1 AND hash = ?2",
                     {change.workspace(), bytes});
    const store::Actor actor{(*who)->user, (*who)->user_email};
    change.audit({actor, "sign_out", "user/" + (*who)->user_email, "", "", ""});
    return {};
  });
}

}  // namespace purser::identity
