#include "purser/identity/memberships.h"

#include <optional>

#include "audit_json.h"
#include "keys_touched.h"
#include "purser/identity/keys.h"
#include "purser/identity/names.h"
#include "purser/identity/teams.h"
#include "purser/identity/users.h"
#include "revoke.h"
#include "template_caps.h"

namespace purser::identity {
namespace {

std::vector<Membership> select(store::Sql& sql, const Id& workspace, std::string_view where,
                               const Id& id) {
  std::vector<Membership> found;
  sql.each(
      "SELECT m.id, m.user_id, m.team, t.name, m.is_lead, m.created FROM memberships m JOIN "
      "teams t ON t.workspace = m.workspace AND t.id = m.team WHERE m.workspace = ?1 AND "
      "m.ended IS NULL AND " +
          std::string(where) + " = ?2 ORDER BY m.id",
      {workspace, id}, [&](const store::Row& row) {
        found.push_back({row.id(0), row.id(1), row.id(2), std::string(row.text(3)), row.boolean(4),
                         row.instant(5)});
      });
  return found;
}

// "membership/engineering/ana@example.com"
std::string target_of(store::Change& change, const Membership& membership) {
  const auto user = load_user(change.sql(), change.workspace(), membership.user);
  const std::string whom = user ? audit_target(*user).substr(5) : std::string("unknown");
  return "membership/" + membership.team_name + "/" + whom;
}

std::string audit_json(const Membership& membership) {
  return AuditJson().text("team", membership.team_name).boolean("lead", membership.is_lead).str();
}

Result<void> check_lead(const User& user, bool is_lead) {
  if (!is_lead || user.kind == UserKind::person) return {};
  return Error{"services_do_not_lead", "A service account cannot lead a team: name a person."};
}

}  // namespace

Result<Id> create_membership(store::Change& change, const Id& user_id, const Id& team_id,
                             bool is_lead, const ChangedBy& by) {
  const auto user = load_user(change.sql(), change.workspace(), user_id);
  if (!user) return user.error();
  const auto team = load_team(change.sql(), change.workspace(), team_id);
  if (!team) return team.error();
  auto lead = check_lead(*user, is_lead);
  if (!lead) return lead.error();
  for (const auto& other : memberships_of_user(change.sql(), change.workspace(), user_id)) {
    if (other.team == team_id) {
      return Error{"already_member", user->name + " is a member of " + team->name +
                                         " already; change that membership."};
    }
  }
  const Membership made{change.new_id(), user_id, team_id, team->name, is_lead, change.now()};
  change.sql().run(
      "INSERT INTO memberships (workspace, id, user_id, team, is_lead, created) VALUES (?1, ?2, "
      "?3, ?4, ?5, ?6)",
      {change.workspace(), made.id, made.user, made.team, made.is_lead, made.created});
  change.audit(
      {by.actor, "membership.create", target_of(change, made), "", audit_json(made), by.reason});
  raise_keys_of_user(change, user_id);
  return made.id;
}

Result<void> set_lead(store::Change& change, const Id& id, bool is_lead, const ChangedBy& by) {
  const auto before = load_membership(change.sql(), change.workspace(), id);
  if (!before) return before.error();
  if (before->is_lead == is_lead) return {};
  const auto user = load_user(change.sql(), change.workspace(), before->user);
  if (!user) return user.error();
  auto lead = check_lead(*user, is_lead);
  if (!lead) return lead;
  Membership after = *before;
  after.is_lead = is_lead;
  change.sql().run("UPDATE memberships SET is_lead = ?3 WHERE workspace = ?1 AND id = ?2",
                   {change.workspace(), id, is_lead});
  change.audit({by.actor, "membership.update", target_of(change, after), audit_json(*before),
                audit_json(after), by.reason});
  raise_keys_of_user(change, after.user);
  return {};
}

Result<void> end_membership(store::Change& change, const Id& id, const ChangedBy& by) {
  const auto membership = load_membership(change.sql(), change.workspace(), id);
  if (!membership) return membership.error();
  const auto user = load_user(change.sql(), change.workspace(), membership->user);
  if (user && user->kind == UserKind::service && user->owner_team == membership->team &&
      !user->deactivated) {
    return Error{"owning_team", "The service account \"" + user->name + "\" belongs to " +
                                    membership->team_name +
                                    ": give it another team or deactivate it first."};
  }
  return close_membership(change, *membership, by);
}

Result<void> close_membership(store::Change& change, const Membership& membership,
                              const ChangedBy& by) {
  for (const auto& key : keys_of_membership(change.sql(), change.workspace(), membership.id)) {
    auto revoked = revoke_key(change, key, by);
    if (!revoked) return revoked;
  }
  change.sql().run("UPDATE memberships SET ended = ?3 WHERE workspace = ?1 AND id = ?2",
                   {change.workspace(), membership.id, change.now()});
  change.audit({by.actor, "membership.end", target_of(change, membership), audit_json(membership),
                "", by.reason});
  raise_keys_of_user(change, membership.user);
  return end_caps(change, {ledger::ScopeKind::membership, membership.id}, by);
}

Result<Membership> load_membership(store::Sql& sql, const Id& workspace, const Id& id) {
  auto found = select(sql, workspace, "m.id", id);
  if (!found.empty()) return found.front();
  return Error{"unknown_membership", "There is no membership with the id " +
                                         to_text(kMembershipPrefix, id) + ", or it has ended."};
}

std::vector<Membership> memberships_of_user(store::Sql& sql, const Id& workspace, const Id& user) {
  return select(sql, workspace, "m.user_id", user);
}

std::vector<Membership> memberships_of_team(store::Sql& sql, const Id& workspace, const Id& team) {
  return select(sql, workspace, "m.team", team);
}

}  // namespace purser::identity
