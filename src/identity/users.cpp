#include "purser/identity/users.h"

#include "audit_json.h"
#include "keys_touched.h"
#include "purser/identity/memberships.h"
#include "purser/identity/names.h"
#include "purser/identity/scope_names.h"
#include "purser/identity/teams.h"
#include "sessions.h"
#include "template_caps.h"

namespace purser::identity {
namespace {

constexpr std::string_view kColumns =
    "u.id, u.kind, u.name, u.email, u.role, u.owner_team, u.alerts_to, u.created, u.deactivated";

User user_of(const store::Row& row) {
  User user{row.id(0),
            static_cast<UserKind>(row.integer(1)),
            std::string(row.text(2)),
            std::string(row.text(3)),
            static_cast<Role>(row.integer(4)),
            row.id(5),
            row.id(6),
            row.instant(7),
            std::nullopt};
  if (!row.is_null(8)) user.deactivated = row.instant(8);
  return user;
}

std::string audit_json(store::Change& change, const User& user) {
  AuditJson json;
  json.text("name", user.name).text("kind", name(user.kind));
  if (user.kind == UserKind::person) json.text("email", user.email);
  json.text("role", name(user.role));
  if (user.kind == UserKind::service) {
    using ledger::ScopeKind;
    const auto named = [&](ScopeKind kind, const Id& id) {
      const std::string target = scope_target(change.sql(), change.workspace(), {kind, id});
      return target.substr(target.find('/') + 1);
    };
    json.text("owner_team", named(ScopeKind::team, user.owner_team));
    json.text("alerts_to", named(ScopeKind::user, user.alerts_to));
  }
  return json.str();
}

std::string handle_of(const User& user) {
  return folded(user.kind == UserKind::person ? user.email : user.name);
}

Result<void> check_handle(store::Change& change, const User& user) {
  bool taken = false;
  change.sql().each("SELECT id FROM users WHERE workspace = ?1 AND kind = ?2 AND handle = ?3",
                    {change.workspace(), static_cast<int>(user.kind), handle_of(user)},
                    [&](const store::Row& row) { taken = row.id(0) != user.id; });
  if (!taken) return {};
  if (user.kind == UserKind::person) {
    return Error{"email_taken", "There is a user with the e-mail " + user.email +
                                    " already. If they were deactivated, reactivate them."};
  }
  return Error{"name_taken",
               "There is a service account named \"" + user.name + "\" already: choose another."};
}

// What must hold of a user, whoever made or changed it.
Result<void> check_user(store::Change& change, User& user) {
  auto checked = checked_name(user.name, "user's name");
  if (!checked) return checked.error();
  user.name = *checked;
  if (user.role == Role::lead) {
    return Error{"bad_role",
                 "lead is a role in one team: make the user a lead there, and member, finance or "
                 "admin here."};
  }
  if (user.kind == UserKind::person) {
    auto email = checked_email(user.email);
    if (!email) return email.error();
    user.email = *email;
    return check_handle(change, user);
  }
  if (!user.email.empty())
    return Error{"bad_email", "A service account has no e-mail; a person gets its alerts."};
  if (const auto team = load_team(change.sql(), change.workspace(), user.owner_team); !team)
    return Error{"unknown_team", "A service account needs a team that owns it."};
  const auto person = load_user(change.sql(), change.workspace(), user.alerts_to);
  if (!person || person->kind != UserKind::person || person->deactivated) {
    return Error{"bad_alerts_to", "A service account needs an active person who gets its alerts."};
  }
  return check_handle(change, user);
}

Result<void> check_not_last_admin(store::Change& change, const User& user) {
  if (user.role != Role::admin || user.deactivated) return {};
  std::int64_t others = 0;
  change.sql().each(
      "SELECT count(*) FROM users WHERE workspace = ?1 AND role = ?2 AND kind = 0 AND deactivated "
      "IS NULL AND id <> ?3",
      {change.workspace(), static_cast<int>(Role::admin), user.id},
      [&](const store::Row& row) { others = row.integer(0); });
  if (others > 0) return {};
  return Error{"last_admin",
               "This is the last admin: make somebody else an admin first, or nobody could change "
               "anything any more."};
}

Result<void> give_first_caps(store::Change& change, const NewUser& made, const Id& id,
                             const ChangedBy& by) {
  if (!made.caps.empty()) {
    auto fits = check_caps(made.caps);
    if (!fits) return fits;
    return set_caps(change, id, made.caps, Id{}, by);
  }
  Id chosen = made.template_id;
  if (chosen.is_zero()) {
    const auto standard = default_template(change.sql(), change.workspace(), made.kind);
    if (!standard) {
      return Error{"no_default_template",
                   "There is no default template for a " + std::string(name(made.kind)) +
                       ": name a template or caps, or make a template the default."};
    }
    chosen = standard->id;
  }
  auto given = give_template(change, id, chosen, by);
  if (!given) return given.error();
  return {};
}

}  // namespace

std::string audit_target(const User& user) {
  return "user/" + (user.kind == UserKind::person ? user.email : user.name);
}

Result<Id> create_user(store::Change& change, const NewUser& made, const ChangedBy& by) {
  User user;
  user.id = change.new_id();
  user.kind = made.kind;
  user.name = made.name;
  user.email = made.email;
  user.role = made.role;
  user.owner_team = made.owner_team;
  user.alerts_to = made.alerts_to;
  auto checked = check_user(change, user);
  if (!checked) return checked.error();
  const auto or_null = [](const Id& id) { return id.is_zero() ? store::Param(nullptr) : id; };
  change.sql().run(
      "INSERT INTO users (workspace, id, kind, name, email, handle, role, owner_team, alerts_to, "
      "created) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
      {change.workspace(), user.id, static_cast<int>(user.kind), user.name, user.email,
       handle_of(user), static_cast<int>(user.role), or_null(user.owner_team),
       or_null(user.alerts_to), change.now()});
  change.audit(
      {by.actor, "user.create", audit_target(user), "", audit_json(change, user), by.reason});
  if (user.kind == UserKind::service) {
    auto membership = create_membership(change, user.id, user.owner_team, false, by);
    if (!membership) return membership.error();
  }
  auto capped = give_first_caps(change, made, user.id, by);
  if (!capped) return capped.error();
  return user.id;
}

Result<void> update_user(store::Change& change, const Id& id, const UserUpdate& update,
                         const ChangedBy& by) {
  const auto before = load_user(change.sql(), change.workspace(), id);
  if (!before) return before.error();
  User after = *before;
  if (update.name) after.name = *update.name;
  if (update.email) after.email = *update.email;
  if (update.role) after.role = *update.role;
  if (update.owner_team) after.owner_team = *update.owner_team;
  if (update.alerts_to) after.alerts_to = *update.alerts_to;
  auto checked = check_user(change, after);
  if (!checked) return checked;
  if (after.role != before->role) {
    auto admins = check_not_last_admin(change, *before);
    if (!admins) return admins;
  }
  if (audit_json(change, *before) == audit_json(change, after)) return {};
  const bool is_service = after.kind == UserKind::service;
  const store::Param owner = is_service ? store::Param(after.owner_team) : nullptr;
  const store::Param alerts = is_service ? store::Param(after.alerts_to) : nullptr;
  change.sql().run(
      "UPDATE users SET name = ?3, email = ?4, handle = ?5, role = ?6, owner_team = ?7, alerts_to "
      "= ?8 WHERE workspace = ?1 AND id = ?2",
      {change.workspace(), id, after.name, after.email, handle_of(after),
       static_cast<int>(after.role), owner, alerts});
  change.audit({by.actor, "user.update", audit_target(*before), audit_json(change, *before),
                audit_json(change, after), by.reason});
  raise_keys_of_user(change, id);
  return {};
}

Result<void> deactivate_user(store::Change& change, const Id& id, const ChangedBy& by) {
  const auto user = load_user(change.sql(), change.workspace(), id);
  if (!user) return user.error();
  if (user->deactivated) return {};
  auto admins = check_not_last_admin(change, *user);
  if (!admins) return admins;
  std::string service;
  change.sql().each(
      "SELECT name FROM users WHERE workspace = ?1 AND alerts_to = ?2 AND deactivated IS NULL",
      {change.workspace(), id}, [&](const store::Row& row) { service = row.text(0); });
  if (!service.empty()) {
    return Error{"gets_alerts", "This person gets the alerts of the service account \"" + service +
                                    "\": name another person there first."};
  }
  change.sql().run("UPDATE users SET deactivated = ?3 WHERE workspace = ?1 AND id = ?2",
                   {change.workspace(), id, change.now()});
  change.audit({by.actor, "user.deactivate", audit_target(*user), R"({"active":true})",
                R"({"active":false})", by.reason});
  raise_keys_of_user(change, id);
  end_sign_in_of_user(change, id);
  return {};
}

Result<void> reactivate_user(store::Change& change, const Id& id, const ChangedBy& by) {
  const auto user = load_user(change.sql(), change.workspace(), id);
  if (!user) return user.error();
  if (!user->deactivated) return {};
  change.sql().run("UPDATE users SET deactivated = NULL WHERE workspace = ?1 AND id = ?2",
                   {change.workspace(), id});
  change.audit({by.actor, "user.reactivate", audit_target(*user), R"({"active":false})",
                R"({"active":true})", by.reason});
  raise_keys_of_user(change, id);
  return {};
}

Result<User> load_user(store::Sql& sql, const Id& workspace, const Id& id) {
  std::optional<User> found;
  sql.each("SELECT " + std::string(kColumns) + " FROM users u WHERE u.workspace = ?1 AND u.id = ?2",
           {workspace, id}, [&](const store::Row& row) { found = user_of(row); });
  if (found) return *found;
  return Error{"unknown_user", "There is no user with the id " + to_text(kUserPrefix, id) + "."};
}

Result<User> find_user(store::Sql& sql, const Id& workspace, std::string_view id_or_email) {
  if (const auto id = parse_id(kUserPrefix, id_or_email)) return load_user(sql, workspace, *id);
  std::optional<User> found;
  // A service account's name cannot be mistaken for a person's e-mail: kind 0 comes first.
  sql.each("SELECT " + std::string(kColumns) +
               " FROM users u WHERE u.workspace = ?1 AND u.handle = ?2 ORDER BY u.kind LIMIT 1",
           {workspace, folded(id_or_email)}, [&](const store::Row& row) { found = user_of(row); });
  if (found) return *found;
  return Error{"unknown_user",
               "There is no user \"" + std::string(id_or_email.substr(0, 100)) +
                   "\": give an e-mail address, a service account's name, or an id (usr_…)."};
}

std::vector<User> list_users(store::Sql& sql, const Id& workspace, const UserFilter& filter) {
  std::string query =
      "SELECT " + std::string(kColumns) + " FROM users u WHERE u.workspace = ?1 AND u.id > ?2";
  std::vector<store::Param> params = {workspace, filter.after,
                                      static_cast<std::int64_t>(filter.limit)};
  if (!filter.with_deactivated) query += " AND u.deactivated IS NULL";
  if (!filter.teams.empty()) {
    query +=
        " AND EXISTS (SELECT 1 FROM memberships m WHERE m.workspace = u.workspace AND m.user_id = "
        "u.id AND m.ended IS NULL AND m.team IN (";
    for (std::size_t i = 0; i < filter.teams.size(); ++i) {
      params.emplace_back(filter.teams[i]);
      query += (i == 0 ? "?" : ", ?") + std::to_string(params.size());
    }
    query += "))";
  }
  query += " ORDER BY u.id LIMIT ?3";
  std::vector<User> users;
  sql.each(query, params, [&](const store::Row& row) { users.push_back(user_of(row)); });
  return users;
}

}  // namespace purser::identity
