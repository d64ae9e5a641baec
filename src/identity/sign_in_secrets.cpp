#include "audit_json.h"
#include "purser/identity/sign_in.h"
#include "secret_text.h"
#include "sessions.h"

namespace purser::identity {

Result<MadeSignInSecret> create_sign_in_secret(store::Change& change, const KeyRing& ring, Env& env,
                                               const Id& id, const ChangedBy& by) {
  const auto user = load_user(change.sql(), change.workspace(), id);
  if (!user) return user.error();
  if (user->kind != UserKind::person) {
    return Error{"services_do_not_sign_in",
                 "A service account does not sign in; give it a key: `purser key create`."};
  }
  if (user->deactivated) {
    return Error{"deactivated_user",
                 user->name + " is deactivated: reactivate this user before making a secret."};
  }
  MadeSignInSecret made;
  made.text = make_secret_text(kSignInSecretPrefix, env);
  made.expires = change.now() + kSignInSecretLifetime;
  const std::string hash = ring.hash(made.text);
  const std::span bytes(reinterpret_cast<const std::uint8_t*>(hash.data()), hash.size());
  change.sql().run("DELETE FROM sign_in_secrets WHERE workspace = ?1 AND user = ?2",
                   {change.workspace(), id});
  change.sql().run(
      "INSERT INTO sign_in_secrets (workspace, hash, user, made_at, expires_at) VALUES (?1, ?2, "
      "?3, ?4, ?5)",
      {change.workspace(), bytes, id, change.now(), made.expires});
  change.audit({by.actor, "sign_in_secret.create", audit_target(*user), "",
                AuditJson().text("until", format_instant(made.expires)).str(), by.reason});
  return made;
}

}  // namespace purser::identity
