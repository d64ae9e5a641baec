// Users: persons, and service accounts (owned by a team; a person gets their alerts; they cannot
// sign in). Functions over one Change of the store, so that several make one durable transaction;
// each writes its audit entries and makes the keys concerned stale.
//
//   store.change([&](store::Change& change) -> Result<void> {
//     auto made = create_user(change, {.name = "Ana", .email = "ana@example.com"}, by);
//     …
//   });
//
// Nobody is ever without a cap: a new user gets the caps given, else those of the template given,
// else those of the workspace's default template for its kind.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "purser/identity/changed_by.h"
#include "purser/identity/principal.h"
#include "purser/identity/templates.h"
#include "purser/store/sql.h"

namespace purser::identity {

struct User {
  Id id;
  UserKind kind = UserKind::person;
  std::string name;
  std::string email;  // empty for a service account
  Role role = Role::member;
  Id owner_team;  // of a service account
  Id alerts_to;   // of a service account: a person
  Instant created;
  std::optional<Instant> deactivated;
};

struct NewUser {
  UserKind kind = UserKind::person;
  std::string name;
  std::string email;         // a person's; unique
  Role role = Role::member;  // member, finance or admin; who leads a team is said by a membership
  Id owner_team;             // a service account's; it becomes a member of it
  Id alerts_to;              // a service account's
  std::vector<TemplateCap> caps;
  Id template_id;  // used where `caps` is empty; zero: the default
};

// Errors: bad_name, bad_email, email_taken, name_taken, bad_role, unknown_team, unknown_user,
// bad_alerts_to, no_default_template, unknown_template, uncapped.
Result<Id> create_user(store::Change& change, const NewUser& user, const ChangedBy& by);

struct UserUpdate {
  std::optional<std::string> name;
  std::optional<std::string> email;
  std::optional<Role> role;
  std::optional<Id> owner_team;
  std::optional<Id> alerts_to;
};
// Errors: those above, and last_admin.
Result<void> update_user(store::Change& change, const Id& user, const UserUpdate& update,
                         const ChangedBy& by);

// The user's keys and sessions stop at once; caps, usage and history stay. Errors: unknown_user,
// last_admin, gets_alerts (of a service account: name another person first).
Result<void> deactivate_user(store::Change& change, const Id& user, const ChangedBy& by);
Result<void> reactivate_user(store::Change& change, const Id& user, const ChangedBy& by);

// By id, e-mail, or a service account's name. Error: unknown_user.
Result<User> find_user(store::Sql& sql, const Id& workspace, std::string_view id_or_email);
Result<User> load_user(store::Sql& sql, const Id& workspace, const Id& id);

struct UserFilter {
  Id after;  // the last id of the page before
  std::size_t limit = 100;
  std::vector<Id> teams;  // only members of these; empty: everybody
  bool with_deactivated = true;
};
// In the order in which they were made.
std::vector<User> list_users(store::Sql& sql, const Id& workspace, const UserFilter& filter);

// "user/ana@example.com": how the audit trail names a user.
std::string audit_target(const User& user);

}  // namespace purser::identity
