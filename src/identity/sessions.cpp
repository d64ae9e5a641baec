#include "sessions.h"

namespace purser::identity {
namespace {

std::span<const std::uint8_t> bytes_of(const std::string& hash) {
  return {reinterpret_cast<const std::uint8_t*>(hash.data()), hash.size()};
}

Principal principal_of(const store::Row& row) {
  Principal who;
  who.key_kind = KeyKind::manage;
  who.user = row.id(0);
  who.user_name = row.text(1);
  who.user_email = row.text(2);
  who.user_kind = UserKind::person;
  who.role = static_cast<Role>(row.integer(3));
  return who;
}

}  // namespace

void insert_session(store::Change& change, const std::string& hash, const Id& user,
                    Instant expires) {
  auto& sql = change.sql();
  const Id& workspace = change.workspace();
  sql.run("DELETE FROM sessions WHERE workspace = ?1 AND user = ?2 AND expires_at <= ?3",
          {workspace, user, change.now()});
  sql.run(
      "DELETE FROM sessions WHERE workspace = ?1 AND user = ?2 AND hash NOT IN (SELECT hash FROM "
      "sessions WHERE workspace = ?1 AND user = ?2 ORDER BY made_at DESC LIMIT ?3)",
      {workspace, user, static_cast<std::int64_t>(kMaxSessionsOfUser - 1)});
  sql.run(
      "INSERT INTO sessions (workspace, hash, user, made_at, expires_at) VALUES (?1, ?2, ?3, ?4, "
      "?5)",
      {workspace, bytes_of(hash), user, change.now(), expires});
}

PrincipalPtr find_session(store::Sql& sql, const Id& workspace, const std::string& hash,
                          Instant now) {
  PrincipalPtr found;
  sql.each(
      "SELECT u.id, u.name, u.email, u.role FROM sessions s JOIN users u ON u.workspace = "
      "s.workspace AND u.id = s.user WHERE s.workspace = ?1 AND s.hash = ?2 AND s.expires_at > ?3 "
      "AND u.kind = 0 AND u.deactivated IS NULL",
      {workspace, bytes_of(hash), now},
      [&](const store::Row& row) { found = std::make_shared<const Principal>(principal_of(row)); });
  return found;
}

void end_sessions_of_user(store::Change& change, const Id& user) {
  change.sql().run("DELETE FROM sessions WHERE workspace = ?1 AND user = ?2",
                   {change.workspace(), user});
}

void end_sign_in_of_user(store::Change& change, const Id& user) {
  end_sessions_of_user(change, user);
  change.sql().run("DELETE FROM sign_in_secrets WHERE workspace = ?1 AND user = ?2",
                   {change.workspace(), user});
}

std::optional<KeptPassword> find_password(store::Sql& sql, const Id& workspace,
                                          std::string_view email) {
  const auto user = find_user(sql, workspace, email);
  if (!user || user->kind != UserKind::person || user->deactivated) return std::nullopt;
  std::optional<KeptPassword> found;
  sql.each("SELECT hash FROM passwords WHERE workspace = ?1 AND user = ?2", {workspace, user->id},
           [&](const store::Row& row) {
             found = KeptPassword{*user, std::string(row.text(0))};
           });
  return found;
}

void put_password(store::Change& change, const Id& user, const std::string& hash) {
  change.sql().run(
      "INSERT INTO passwords (workspace, user, hash, set_at) VALUES (?1, ?2, ?3, ?4) ON CONFLICT "
      "(workspace, user) DO UPDATE SET hash = ?3, set_at = ?4",
      {change.workspace(), user, hash, change.now()});
}

Result<User> find_secret(store::Sql& sql, const Id& workspace, const std::string& hash,
                         Instant now) {
  Id user;
  bool is_used = false;
  bool is_late = false;
  sql.each(
      "SELECT user, expires_at, used_at FROM sign_in_secrets WHERE workspace = ?1 AND hash = ?2",
      {workspace, bytes_of(hash)}, [&](const store::Row& row) {
        user = row.id(0);
        is_late = row.instant(1) <= now;
        is_used = !row.is_null(2);
      });
  constexpr std::string_view kAskForOne =
      " An admin makes a new one: `purser sign-in-secret EMAIL`.";
  const auto wrong = [&](std::string what) {
    return Error{"wrong_secret", std::move(what) + std::string(kAskForOne)};
  };
  if (user.is_zero()) return wrong("This one-time secret is not good, or a newer one was made.");
  if (is_used) return wrong("This one-time secret was used already; each is good once.");
  if (is_late) return wrong("This one-time secret is older than 24 hours.");
  auto found = load_user(sql, workspace, user);
  if (!found || found->kind != UserKind::person || found->deactivated)
    return wrong("The person whom this one-time secret is for may not sign in.");
  return found;
}

}  // namespace purser::identity
