#include "purser/identity/keys.h"

#include "handlers.h"
#include "purser/identity/labels.h"
#include "purser/identity/names.h"
#include "purser/identity/projects.h"
#include "purser/identity/teams.h"
#include "purser/identity/users.h"
#include "refs.h"
#include "shapes.h"

namespace purser::api {
namespace {

Result<Reply> show(const Call& call, store::Sql& sql, const Id& id) {
  const auto key = identity::load_key(sql, call.workspace(), id);
  if (!key) return key.error();
  return Reply{key_json(*key)};
}

Result<Id> id_in_path(const Call& call) {
  auto id = parse_id(identity::kKeyPrefix, call.params[0]);
  if (!id) return Error{"unknown_key_id", id.error().message};
  return id;
}

// Settings as the body has them; a null clears.
struct SettingsBody {
  identity::KeySettings settings;
  std::optional<std::string> project, label;

  void read(Body& body) {
    settings.name = body.text("name");
    project = clearable(body, "default_project");
    label = clearable(body, "default_label");
    if (body.is_null("refusal_status")) {
      settings.refusal_status = 0;
    } else if (const auto status = body.integer("refusal_status", 400, 599)) {
      settings.refusal_status = static_cast<int>(*status);
    }
    settings.cost_comment_in_streams = body.boolean("cost_comment_in_streams");
  }

  Result<identity::KeySettings> resolve(store::Change& change) const {
    identity::KeySettings resolved = settings;
    std::optional<Error> error;
    auto& sql = change.sql();
    const Id& workspace = change.workspace();
    if (project) {
      resolved.default_project =
          project->empty() ? Id{} : ref(sql, workspace, identity::find_project, *project, error);
    }
    if (label) {
      resolved.default_label =
          label->empty() ? Id{} : ref(sql, workspace, identity::find_label, *label, error);
    }
    if (error) return *error;
    return resolved;
  }

 private:
  static std::optional<std::string> clearable(Body& body, std::string_view name) {
    return body.is_null(name) ? std::optional<std::string>("") : body.text(name);
  }
};

}  // namespace

Result<Reply> list_keys(Call& call) {
  identity::KeyFilter filter;
  filter.limit = call.query.limit();
  filter.after = call.query.after(identity::kKeyPrefix);
  filter.with_revoked = call.query.flag("revoked");
  const std::string user = call.query.text("user");
  if (auto query = call.query.finish(); !query) return query.error();
  return call.read([&](store::Sql& sql) -> Result<Reply> {
    const Sight sight = call.sight(sql);
    if (!user.empty()) {
      std::optional<Error> error;
      filter.user = ref(sql, call.workspace(), identity::find_user, user, error);
      if (!sight.sees_user(sql, call.workspace(), filter.user))
        return forbidden("You may list your own keys, and those of members of teams you lead.");
      if (error) return *error;
    } else if (!sight.everything) {
      if (sight.teams_led.empty()) filter.user = sight.user;
      filter.teams = sight.teams_led;
    }
    json::array items;
    std::string next;
    const auto keys = identity::list_keys(sql, call.workspace(), filter);
    for (const auto& key : keys) items.push_back(key_json(key));
    if (keys.size() == filter.limit) next = to_text(identity::kKeyPrefix, keys.back().id);
    return page_reply(std::move(items), next);
  });
}

Result<Reply> get_key(Call& call) {
  if (auto query = call.query.finish(); !query) return query.error();
  const auto id = id_in_path(call);
  if (!id) return id.error();
  return call.read([&](store::Sql& sql) -> Result<Reply> {
    const auto key = identity::load_key(sql, call.workspace(), *id);
    const Sight sight = call.sight(sql);
    if (!sight.everything && (!key || !sight.sees_user(sql, call.workspace(), key->user)))
      return forbidden("You may read your own keys, and those of members of teams you lead.");
    if (!key) return key.error();
    return Reply{key_json(*key)};
  });
}

Result<Reply> create_key(Call& call) {
  if (auto query = call.query.finish(); !query) return query.error();
  Body body(call.body);
  const std::string user = body.required_text("user");
  const std::string team = body.text("team").value_or("");
  const auto kind = identity::parse_key_kind(body.text("kind").value_or("use"));
  if (!kind) body.fail({"bad_member", "\"kind\" is use or manage."});
  SettingsBody settings;
  settings.read(body);
  if (auto read = body.finish(); !read) return read.error();
  identity::MadeKey made;
  auto changed = call.store().change([&](store::Change& change) -> Result<void> {
    std::optional<Error> error;
    identity::NewKey wanted;
    wanted.kind = *kind;
    wanted.user = ref(change.sql(), change.workspace(), identity::find_user, user, error);
    if (!team.empty())
      wanted.team = ref(change.sql(), change.workspace(), identity::find_team, team, error);
    if (error) return *error;
    auto resolved = settings.resolve(change);
    if (!resolved) return resolved.error();
    wanted.settings = *resolved;
    auto key =
        identity::create_key(change, *call.services.keys, *call.services.env, wanted, call.by);
    if (!key) return key.error();
    made = *key;
    return {};
  });
  if (!changed) return changed.error();
  auto reply = call.read([&](store::Sql& sql) { return show(call, sql, made.id); });
  if (!reply) return reply;
  reply->status = 201;
  reply->body.get_object()["key"] = made.text;  // the only time that it is shown
  return reply;
}

Result<Reply> update_key(Call& call) {
  if (auto query = call.query.finish(); !query) return query.error();
  const auto id = id_in_path(call);
  if (!id) return id.error();
  Body body(call.body);
  SettingsBody settings;
  settings.read(body);
  if (auto read = body.finish(); !read) return read.error();
  return change_and_show(
      call, 200,
      [&](store::Change& change) -> Result<void> {
        auto resolved = settings.resolve(change);
        if (!resolved) return resolved.error();
        return identity::update_key(change, *id, *resolved, call.by);
      },
      [&](store::Sql& sql) { return show(call, sql, *id); });
}

// Whoever holds a key may revoke it: a lost laptop should not wait for an admin.
Result<Reply> revoke_key(Call& call) {
  if (auto query = call.query.finish(); !query) return query.error();
  const auto id = id_in_path(call);
  if (!id) return id.error();
  if (auto read = Body(call.body).finish(); !read) return read.error();
  const bool is_admin = call.who.role == identity::Role::admin;
  return change_and_show(
      call, 200,
      [&](store::Change& change) -> Result<void> {
        const auto key = identity::load_key(change.sql(), change.workspace(), *id);
        if (!is_admin && (!key || key->user != call.who.user))
          return forbidden("You may revoke your own keys; an admin may revoke any.");
        return identity::revoke_key(change, *id, call.by);
      },
      [&](store::Sql& sql) { return show(call, sql, *id); });
}

}  // namespace purser::api
