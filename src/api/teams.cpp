#include "purser/identity/teams.h"

#include "handlers.h"
#include "purser/identity/memberships.h"
#include "refs.h"
#include "shapes.h"

namespace purser::api {
namespace {

Result<Reply> show_team(const Call& call, store::Sql& sql, const Id& id) {
  const auto team = identity::load_team(sql, call.workspace(), id);
  if (!team) return team.error();
  return Reply{team_json(*team)};
}

}  // namespace

Result<Reply> list_teams(Call& call) {
  if (auto query = call.query.finish(); !query) return query.error();
  return call.read([&](store::Sql& sql) -> Result<Reply> {
    const Sight sight = call.sight(sql);
    json::array items;
    for (const auto& team : identity::list_teams(sql, call.workspace())) {
      if (sight.everything || sight.is_in(team.id)) items.push_back(team_json(team));
    }
    return page_reply(std::move(items), "");
  });
}

Result<Reply> get_team(Call& call) {
  if (auto query = call.query.finish(); !query) return query.error();
  return call.read([&](store::Sql& sql) -> Result<Reply> {
    const auto team = identity::find_team(sql, call.workspace(), call.params[0]);
    const Sight sight = call.sight(sql);
    if (!sight.everything && (!team || !sight.is_in(team->id)))
      return forbidden("You may read the teams that you are in.");
    if (!team) return team.error();
    return Reply{team_json(*team)};
  });
}

Result<Reply> create_team(Call& call) {
  if (auto query = call.query.finish(); !query) return query.error();
  Body body(call.body);
  const std::string name = body.required_text("name");
  const auto month = body.usd("month_cap_usd");
  if (auto read = body.finish(); !read) return read.error();
  Id id;
  return change_and_show(
      call, 201,
      [&](store::Change& change) -> Result<void> {
        auto made = identity::create_team(change, name, call.by);
        if (!made) return made.error();
        id = *made;
        if (!month) return {};
        store::CapSpec spec;
        spec.scope = {ledger::ScopeKind::team, id};
        spec.limit = *month;
        auto capped = change.set_cap(spec, call.by.actor, call.by.reason);
        if (!capped) return capped.error();
        return {};
      },
      [&](store::Sql& sql) { return show_team(call, sql, id); });
}

Result<Reply> update_team(Call& call) {
  if (auto query = call.query.finish(); !query) return query.error();
  Body body(call.body);
  const std::string name = body.required_text("name");
  if (auto read = body.finish(); !read) return read.error();
  Id id;
  return change_and_show(
      call, 200,
      [&](store::Change& change) -> Result<void> {
        const auto team = identity::find_team(change.sql(), change.workspace(), call.params[0]);
        if (!team) return team.error();
        id = team->id;
        return identity::rename_team(change, id, name, call.by);
      },
      [&](store::Sql& sql) { return show_team(call, sql, id); });
}

Result<Reply> end_team(Call& call) {
  if (auto query = call.query.finish(); !query) return query.error();
  json::object shown;
  auto changed = call.store().change([&](store::Change& change) -> Result<void> {
    const auto team = identity::find_team(change.sql(), change.workspace(), call.params[0]);
    if (!team) return team.error();
    shown = team_json(*team);
    return identity::end_team(change, team->id, call.by);
  });
  if (!changed) return changed.error();
  return Reply{std::move(shown)};
}

}  // namespace purser::api
