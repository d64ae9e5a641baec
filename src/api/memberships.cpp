#include "purser/identity/memberships.h"

#include "handlers.h"
#include "purser/identity/names.h"
#include "purser/identity/teams.h"
#include "purser/identity/users.h"
#include "refs.h"
#include "shapes.h"

namespace purser::api {
namespace {

Result<Reply> show(const Call& call, store::Sql& sql, const Id& id) {
  const auto membership = identity::load_membership(sql, call.workspace(), id);
  if (!membership) return membership.error();
  return Reply{membership_json(sql, call.workspace(), *membership)};
}

Result<Id> id_in_path(const Call& call) {
  auto id = parse_id(identity::kMembershipPrefix, call.params[0]);
  if (!id) return Error{"unknown_membership", id.error().message};
  return id;
}

}  // namespace

Result<Reply> list_memberships(Call& call) {
  const std::string team = call.query.text("team");
  const std::string user = call.query.text("user");
  if (auto query = call.query.finish(); !query) return query.error();
  if (team.empty() == user.empty())
    return Error{"bad_query", "Say whose memberships: give one of \"team\" and \"user\"."};
  return call.read([&](store::Sql& sql) -> Result<Reply> {
    const Sight sight = call.sight(sql);
    std::optional<Error> error;
    std::vector<identity::Membership> found;
    bool may = sight.everything;
    if (!team.empty()) {
      const Id id = ref(sql, call.workspace(), identity::find_team, team, error);
      may = may || sight.leads(id);
      found = identity::memberships_of_team(sql, call.workspace(), id);
    } else {
      const Id id = ref(sql, call.workspace(), identity::find_user, user, error);
      may = may || sight.sees_user(sql, call.workspace(), id);
      found = identity::memberships_of_user(sql, call.workspace(), id);
    }
    if (!may) return forbidden("You may list your own memberships, and those of teams you lead.");
    if (error) return *error;
    json::array items;
    for (const auto& membership : found)
      items.push_back(membership_json(sql, call.workspace(), membership));
    return page_reply(std::move(items), "");
  });
}

Result<Reply> create_membership(Call& call) {
  if (auto query = call.query.finish(); !query) return query.error();
  Body body(call.body);
  const std::string user = body.required_text("user");
  const std::string team = body.required_text("team");
  const bool lead = body.boolean("lead").value_or(false);
  if (auto read = body.finish(); !read) return read.error();
  Id id;
  return change_and_show(
      call, 201,
      [&](store::Change& change) -> Result<void> {
        std::optional<Error> error;
        auto& sql = change.sql();
        const Id user_id = ref(sql, change.workspace(), identity::find_user, user, error);
        const Id team_id = ref(sql, change.workspace(), identity::find_team, team, error);
        if (error) return *error;
        auto made = identity::create_membership(change, user_id, team_id, lead, call.by);
        if (!made) return made.error();
        id = *made;
        return {};
      },
      [&](store::Sql& sql) { return show(call, sql, id); });
}

Result<Reply> update_membership(Call& call) {
  if (auto query = call.query.finish(); !query) return query.error();
  const auto id = id_in_path(call);
  if (!id) return id.error();
  Body body(call.body);
  const auto lead = body.boolean("lead");
  if (auto read = body.finish(); !read) return read.error();
  if (!lead) return Error{"missing_member", "\"lead\" is missing from the request's body."};
  return change_and_show(
      call, 200,
      [&](store::Change& change) { return identity::set_lead(change, *id, *lead, call.by); },
      [&](store::Sql& sql) { return show(call, sql, *id); });
}

Result<Reply> end_membership(Call& call) {
  if (auto query = call.query.finish(); !query) return query.error();
  const auto id = id_in_path(call);
  if (!id) return id.error();
  json::object shown;
  auto changed = call.store().change([&](store::Change& change) -> Result<void> {
    const auto membership = identity::load_membership(change.sql(), change.workspace(), *id);
    if (!membership) return membership.error();
    shown = membership_json(change.sql(), change.workspace(), *membership);
    return identity::end_membership(change, *id, call.by);
  });
  if (!changed) return changed.error();
  return Reply{std::move(shown)};
}

}  // namespace purser::api
