#include "key_settings.h"

#include <algorithm>

#include "audit_json.h"
#include "purser/identity/labels.h"
#include "purser/identity/names.h"
#include "purser/identity/projects.h"
#include "purser/identity/scope_names.h"
#include "purser/identity/teams.h"

namespace purser::identity {
namespace {

Result<void> check_project(store::Sql& sql, const Id& workspace, const Id& id, const Key& key) {
  const auto project = load_project(sql, workspace, id);
  if (!project) return project.error();
  const auto& teams = project->teams;
  if (std::find(teams.begin(), teams.end(), key.team) != teams.end()) return {};
  const auto team = load_team(sql, workspace, key.team);
  return Error{"project_not_of_team", "The team " +
                                          (team ? team->name : std::string("of this key")) +
                                          " may not book on the project " + project->name +
                                          ": add the team to the project, or choose another."};
}

Error no_default_of_manage_key() {
  return Error{"not_for_manage_keys",
               "A manage key makes no AI requests, so it has no default project or label."};
}

}  // namespace

Result<void> put_settings(store::Sql& sql, const Id& workspace, const KeySettings& settings,
                          Key& key) {
  if (settings.name) {
    auto checked = checked_name(*settings.name, "key's name");
    if (!checked) return checked.error();
    key.name = *checked;
  }
  if (settings.default_project) {
    if (!settings.default_project->is_zero()) {
      if (key.kind == KeyKind::manage) return no_default_of_manage_key();
      auto fits = check_project(sql, workspace, *settings.default_project, key);
      if (!fits) return fits;
    }
    key.default_project = *settings.default_project;
  }
  if (settings.default_label) {
    if (!settings.default_label->is_zero()) {
      if (key.kind == KeyKind::manage) return no_default_of_manage_key();
      const auto label = load_label(sql, workspace, *settings.default_label);
      if (!label) return label.error();
    }
    key.default_label = *settings.default_label;
  }
  if (settings.refusal_status) {
    const int status = *settings.refusal_status;
    if (status != 0 && status != 400 && status != 402 && status != 403 && status != 429) {
      return Error{"bad_refusal_status",
                   "refusal_status is 400, 402, 403 or 429; without it Purser chooses what the "
                   "client takes best."};
    }
    key.refusal_status = status == 0 ? std::nullopt : std::optional<int>(status);
  }
  if (settings.cost_comment_in_streams)
    key.cost_comment_in_streams = *settings.cost_comment_in_streams;
  return {};
}

std::string settings_json(store::Sql& sql, const Id& workspace, const Key& key) {
  const auto named = [&](std::string_view member, ledger::ScopeKind kind, const Id& id,
                         AuditJson& into) {
    const std::string target = scope_target(sql, workspace, {kind, id});
    into.raw(member, id.is_zero() ? "null" : json_text(target.substr(target.find('/') + 1)));
  };
  using ledger::ScopeKind;
  AuditJson json;
  json.text("kind", name(key.kind)).text("name", key.name);
  named("user", ScopeKind::user, key.user, json);
  if (key.kind == KeyKind::use) {
    named("team", ScopeKind::team, key.team, json);
    named("default_project", ScopeKind::project, key.default_project, json);
    named("default_label", ScopeKind::label, key.default_label, json);
  }
  json.raw("refusal_status",
           key.refusal_status ? std::to_string(*key.refusal_status) : std::string("null"));
  json.boolean("cost_comment_in_streams", key.cost_comment_in_streams);
  return json.str();
}

}  // namespace purser::identity
