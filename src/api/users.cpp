#include "purser/identity/users.h"

#include "cap_specs.h"
#include "handlers.h"
#include "purser/identity/names.h"
#include "purser/identity/teams.h"
#include "purser/identity/templates.h"
#include "refs.h"
#include "shapes.h"

namespace purser::api {
namespace {

Result<Reply> show_user(const Call& call, store::Sql& sql, const Id& id) {
  const auto user = identity::load_user(sql, call.workspace(), id);
  if (!user) return user.error();
  return Reply{user_json(sql, call.workspace(), *user)};
}

std::optional<identity::Role> role_of(Body& body) {
  const auto text = body.text("role");
  if (!text) return std::nullopt;
  const auto role = identity::parse_role(*text);
  if (!role) body.fail({"bad_role", "\"role\" is member, finance or admin."});
  return role;
}

struct NewUserBody {
  identity::NewUser user;
  std::string owner_team, alerts_to, template_name;
  std::vector<std::string> teams;

  static Result<NewUserBody> parse(const json::object& object) {
    Body body(object);
    NewUserBody made;
    const auto kind = identity::parse_user_kind(body.text("kind").value_or("person"));
    if (!kind) body.fail({"bad_member", "\"kind\" is person or service."});
    made.user.kind = kind.value_or(identity::UserKind::person);
    made.user.name = body.required_text("name");
    made.user.email = body.text("email").value_or("");
    made.user.role = role_of(body).value_or(identity::Role::member);
    made.owner_team = body.text("owner_team").value_or("");
    made.alerts_to = body.text("alerts_to").value_or("");
    made.template_name = body.text("template").value_or("");
    made.user.caps = cap_specs(body, "caps").value_or(std::vector<identity::TemplateCap>{});
    made.teams = body.texts("teams").value_or(std::vector<std::string>{});
    if (!made.template_name.empty() && !made.user.caps.empty())
      body.fail({"bad_member", "Give \"template\" or \"caps\", not both."});
    if (auto read = body.finish(); !read) return read.error();
    return made;
  }
};

Result<Id> make(store::Change& change, NewUserBody made, const identity::ChangedBy& by) {
  std::optional<Error> error;
  auto& sql = change.sql();
  const Id& workspace = change.workspace();
  if (!made.owner_team.empty())
    made.user.owner_team = ref(sql, workspace, identity::find_team, made.owner_team, error);
  if (!made.alerts_to.empty())
    made.user.alerts_to = ref(sql, workspace, identity::find_user, made.alerts_to, error);
  if (!made.template_name.empty())
    made.user.template_id = ref(sql, workspace, identity::find_template, made.template_name, error);
  std::vector<Id> teams;
  for (const auto& team : made.teams)
    teams.push_back(ref(sql, workspace, identity::find_team, team, error));
  if (error) return *error;
  auto id = identity::create_user(change, made.user, by);
  if (!id) return id;
  for (const auto& team : teams) {
    if (team == made.user.owner_team) continue;  // a service account is in it already
    auto membership = identity::create_membership(change, *id, team, false, by);
    if (!membership) return membership.error();
  }
  return id;
}

// A change of the user that the path names, without a body of its own.
template <typename Change>
Result<Reply> change_named(Call& call, const Change& change_user) {
  if (auto query = call.query.finish(); !query) return query.error();
  Id id;
  return change_and_show(
      call, 200,
      [&](store::Change& change) -> Result<void> {
        const auto user = identity::find_user(change.sql(), change.workspace(), call.params[0]);
        if (!user) return user.error();
        id = user->id;
        return change_user(change, id);
      },
      [&](store::Sql& sql) { return show_user(call, sql, id); });
}

}  // namespace

Result<Reply> list_users(Call& call) {
  identity::UserFilter filter;
  filter.limit = call.query.limit();
  filter.after = call.query.after(identity::kUserPrefix);
  const std::string team = call.query.text("team");
  filter.with_deactivated = !call.query.flag("active");
  if (auto query = call.query.finish(); !query) return query.error();
  return call.read([&](store::Sql& sql) -> Result<Reply> {
    const Sight sight = call.sight(sql);
    if (!team.empty()) {
      const auto found = identity::find_team(sql, call.workspace(), team);
      if (!found) return found.error();
      if (!sight.everything && !sight.leads(found->id))
        return forbidden("Only an admin, finance or a lead of the team may list its members.");
      filter.teams = {found->id};
    } else if (!sight.everything) {
      if (sight.teams_led.empty())
        return forbidden("A member may not list users; /api/v1/me tells about yourself.");
      filter.teams = sight.teams_led;
    }
    json::array items;
    std::string next;
    const auto users = identity::list_users(sql, call.workspace(), filter);
    for (const auto& user : users) items.push_back(user_json(sql, call.workspace(), user));
    if (users.size() == filter.limit) next = to_text(identity::kUserPrefix, users.back().id);
    return page_reply(std::move(items), next);
  });
}

Result<Reply> get_user(Call& call) {
  if (auto query = call.query.finish(); !query) return query.error();
  return call.read([&](store::Sql& sql) -> Result<Reply> {
    const auto user = identity::find_user(sql, call.workspace(), call.params[0]);
    const Sight sight = call.sight(sql);
    const bool may = user ? sight.sees_user(sql, call.workspace(), user->id) : sight.everything;
    if (!may) return forbidden("You may read your own user, and those of teams that you lead.");
    if (!user) return user.error();
    return Reply{user_json(sql, call.workspace(), *user)};
  });
}

Result<Reply> create_user(Call& call) {
  if (auto query = call.query.finish(); !query) return query.error();
  auto made = NewUserBody::parse(call.body);
  if (!made) return made.error();
  Id id;
  return change_and_show(
      call, 201,
      [&](store::Change& change) -> Result<void> {
        auto created = make(change, *made, call.by);
        if (!created) return created.error();
        id = *created;
        return {};
      },
      [&](store::Sql& sql) { return show_user(call, sql, id); });
}

Result<Reply> update_user(Call& call) {
  Body body(call.body);
  identity::UserUpdate update;
  update.name = body.text("name");
  update.email = body.text("email");
  update.role = role_of(body);
  const auto owner_team = body.text("owner_team");
  const auto alerts_to = body.text("alerts_to");
  if (auto read = body.finish(); !read) return read.error();
  return change_named(call, [&](store::Change& change, const Id& id) -> Result<void> {
    std::optional<Error> error;
    if (owner_team) {
      update.owner_team =
          ref(change.sql(), change.workspace(), identity::find_team, *owner_team, error);
    }
    if (alerts_to) {
      update.alerts_to =
          ref(change.sql(), change.workspace(), identity::find_user, *alerts_to, error);
    }
    if (error) return *error;
    return identity::update_user(change, id, update, call.by);
  });
}

Result<Reply> deactivate_user(Call& call) {
  if (auto read = Body(call.body).finish(); !read) return read.error();
  return change_named(call, [&](store::Change& change, const Id& id) {
    return identity::deactivate_user(change, id, call.by);
  });
}

Result<Reply> reactivate_user(Call& call) {
  if (auto read = Body(call.body).finish(); !read) return read.error();
  return change_named(call, [&](store::Change& change, const Id& id) {
    return identity::reactivate_user(change, id, call.by);
  });
}

Result<Reply> give_template(Call& call) {
  Body body(call.body);
  const std::string name = body.required_text("template");
  if (auto read = body.finish(); !read) return read.error();
  return change_named(call, [&](store::Change& change, const Id& id) -> Result<void> {
    const auto found = identity::find_template(change.sql(), change.workspace(), name);
    if (!found) return found.error();
    auto given = identity::give_template(change, id, found->id, call.by);
    if (!given) return given.error();
    return {};
  });
}

}  // namespace purser::api
