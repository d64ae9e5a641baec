#include "shapes.h"

#include "purser/identity/names.h"
#include "scopes.h"

namespace purser::api {

using identity::UserKind;

json::object user_json(store::Sql& sql, const Id& workspace, const identity::User& user) {
  json::array teams;
  for (const auto& membership : identity::memberships_of_user(sql, workspace, user.id)) {
    teams.push_back(
        json::object{{"id", id_json(identity::kTeamPrefix, membership.team)},
                     {"name", membership.team_name},
                     {"lead", membership.is_lead},
                     {"membership", id_json(identity::kMembershipPrefix, membership.id)}});
  }
  return {{"id", id_json(identity::kUserPrefix, user.id)},
          {"kind", identity::name(user.kind)},
          {"name", user.name},
          {"email", text_or_null(user.email)},
          {"role", identity::name(user.role)},
          {"teams", std::move(teams)},
          {"owner_team", id_json(identity::kTeamPrefix, user.owner_team)},
          {"alerts_to", id_json(identity::kUserPrefix, user.alerts_to)},
          {"active", !user.deactivated.has_value()},
          {"created_at", instant_json(user.created)},
          {"deactivated_at", instant_json(user.deactivated)}};
}

json::object team_json(const identity::Team& team) {
  return {{"id", id_json(identity::kTeamPrefix, team.id)},
          {"name", team.name},
          {"created_at", instant_json(team.created)}};
}

json::object membership_json(store::Sql& sql, const Id& workspace,
                             const identity::Membership& membership) {
  const ledger::Scope user{ledger::ScopeKind::user, membership.user};
  return {{"id", id_json(identity::kMembershipPrefix, membership.id)},
          {"user", id_json(identity::kUserPrefix, membership.user)},
          {"user_name", scope_name(sql, workspace, user)},
          {"team", id_json(identity::kTeamPrefix, membership.team)},
          {"team_name", membership.team_name},
          {"lead", membership.is_lead},
          {"created_at", instant_json(membership.created)}};
}

json::object project_json(store::Sql& sql, const Id& workspace, const identity::Project& project) {
  json::array teams;
  for (const auto& id : project.teams) {
    teams.push_back(
        json::object{{"id", id_json(identity::kTeamPrefix, id)},
                     {"name", scope_name(sql, workspace, {ledger::ScopeKind::team, id})}});
  }
  return {{"id", id_json(identity::kProjectPrefix, project.id)},
          {"name", project.name},
          {"teams", std::move(teams)},
          {"created_at", instant_json(project.created)}};
}

json::object label_json(const identity::Label& label) {
  return {{"id", id_json(identity::kLabelPrefix, label.id)},
          {"name", label.name},
          {"created_at", instant_json(label.created)}};
}

json::object key_json(const identity::Key& key) {
  json::value refusal_status = nullptr;
  if (key.refusal_status) refusal_status = *key.refusal_status;
  return {{"id", id_json(identity::kKeyPrefix, key.id)},
          {"kind", identity::name(key.kind)},
          {"name", key.name},
          {"hint", key.hint},
          {"user", id_json(identity::kUserPrefix, key.user)},
          {"team", id_json(identity::kTeamPrefix, key.team)},
          {"membership", id_json(identity::kMembershipPrefix, key.membership)},
          {"default_project", id_json(identity::kProjectPrefix, key.default_project)},
          {"default_label", id_json(identity::kLabelPrefix, key.default_label)},
          {"refusal_status", refusal_status},
          {"cost_comment_in_streams", key.cost_comment_in_streams},
          {"created_at", instant_json(key.created)},
          {"revoked_at", instant_json(key.revoked)}};
}

json::object template_json(const identity::Template& of) {
  json::array caps;
  for (const auto& cap : of.caps) {
    caps.push_back(json::object{{"period", name(cap.period)},
                                {"enforcement", ledger::name(cap.enforcement)},
                                {"limit_usd", usd_json(cap.limit)}});
  }
  json::value default_for = nullptr;
  if (of.default_for) default_for = identity::name(*of.default_for);
  return {{"id", id_json(identity::kTemplatePrefix, of.id)},
          {"name", of.name},
          {"caps", std::move(caps)},
          {"default_for", default_for},
          {"created_at", instant_json(of.created)}};
}

json::array percents_json(ledger::PercentSet percents) {
  json::array list;
  for (const int percent : percents.percents()) list.push_back(percent);
  return list;
}

json::object balance_json(store::Sql& sql, const Id& workspace, const store::CapStatus& status) {
  const auto& account = status.account;
  json::value resets_at = nullptr;
  if (status.cap.period != Period::none) resets_at = instant_json(account.cycle_end);
  return {{"id", id_json(identity::kCapPrefix, status.cap.id)},
          {"scope", ledger::name(status.cap.scope.kind)},
          {"name", scope_name(sql, workspace, status.cap.scope)},
          {"period", name(status.cap.period)},
          {"enforcement", ledger::name(status.cap.enforcement)},
          {"limit_usd", usd_json(account.limit)},
          {"spent_usd", usd_json(account.spent)},
          {"held_usd", usd_json(account.held)},
          {"remaining_usd", usd_json(account.remaining())},
          {"resets_at", resets_at},
          {"paused", account.enforcement == ledger::Enforcement::hard && account.paused()},
          {"thresholds", percents_json(status.cap.thresholds)}};
}

json::object cap_json(store::Sql& sql, const Id& workspace, const store::CapStatus& status) {
  json::object cap = balance_json(sql, workspace, status);
  cap["scope_id"] = id_json(prefix_of(status.cap.scope.kind), status.cap.scope.id);
  cap["base_limit_usd"] = usd_json(status.cap.limit);
  cap["limit_version"] = status.account.limit_version;
  json::value raise = nullptr;
  if (const auto& temporary = status.cap.temporary) {
    raise = json::object{{"limit_usd", usd_json(temporary->limit)},
                         {"until", instant_json(temporary->until)}};
  }
  cap["raise"] = raise;
  json::value cycle_start = nullptr;
  if (status.cap.period != Period::none) cycle_start = instant_json(status.account.cycle_start);
  cap["cycle_start"] = cycle_start;
  json::value template_name = nullptr;
  sql.each(
      "SELECT t.name FROM caps c JOIN templates t ON t.workspace = c.workspace AND t.id = "
      "c.template WHERE c.workspace = ?1 AND c.id = ?2",
      {workspace, status.cap.id},
      [&](const store::Row& row) { template_name = json::string(row.text(0)); });
  cap["template"] = template_name;
  return cap;
}

}  // namespace purser::api
