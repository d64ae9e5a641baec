#include "purser/identity/projects.h"

#include "handlers.h"
#include "purser/identity/teams.h"
#include "refs.h"
#include "shapes.h"

namespace purser::api {
namespace {

Result<Reply> show(const Call& call, store::Sql& sql, const Id& id) {
  const auto project = identity::load_project(sql, call.workspace(), id);
  if (!project) return project.error();
  return Reply{project_json(sql, call.workspace(), *project)};
}

Result<std::vector<Id>> team_ids(store::Change& change, const std::vector<std::string>& names) {
  std::optional<Error> error;
  std::vector<Id> ids;
  for (const auto& name : names)
    ids.push_back(ref(change.sql(), change.workspace(), identity::find_team, name, error));
  if (error) return *error;
  return ids;
}

}  // namespace

Result<Reply> list_projects(Call& call) {
  if (auto query = call.query.finish(); !query) return query.error();
  return call.read([&](store::Sql& sql) -> Result<Reply> {
    json::array items;
    for (const auto& project : identity::list_projects(sql, call.workspace()))
      items.push_back(project_json(sql, call.workspace(), project));
    return page_reply(std::move(items), "");
  });
}

Result<Reply> get_project(Call& call) {
  if (auto query = call.query.finish(); !query) return query.error();
  return call.read([&](store::Sql& sql) -> Result<Reply> {
    const auto project = identity::find_project(sql, call.workspace(), call.params[0]);
    if (!project) return project.error();
    return Reply{project_json(sql, call.workspace(), *project)};
  });
}

Result<Reply> create_project(Call& call) {
  if (auto query = call.query.finish(); !query) return query.error();
  Body body(call.body);
  const std::string name = body.required_text("name");
  const auto teams = body.texts("teams").value_or(std::vector<std::string>{});
  if (auto read = body.finish(); !read) return read.error();
  Id id;
  return change_and_show(
      call, 201,
      [&](store::Change& change) -> Result<void> {
        const auto ids = team_ids(change, teams);
        if (!ids) return ids.error();
        auto made = identity::create_project(change, name, *ids, call.by);
        if (!made) return made.error();
        id = *made;
        return {};
      },
      [&](store::Sql& sql) { return show(call, sql, id); });
}

Result<Reply> update_project(Call& call) {
  if (auto query = call.query.finish(); !query) return query.error();
  Body body(call.body);
  identity::ProjectUpdate update;
  update.name = body.text("name");
  const auto teams = body.texts("teams");
  if (auto read = body.finish(); !read) return read.error();
  Id id;
  return change_and_show(
      call, 200,
      [&](store::Change& change) -> Result<void> {
        const auto found = identity::find_project(change.sql(), change.workspace(), call.params[0]);
        if (!found) return found.error();
        id = found->id;
        if (teams) {
          const auto ids = team_ids(change, *teams);
          if (!ids) return ids.error();
          update.teams = *ids;
        }
        return identity::update_project(change, id, update, call.by);
      },
      [&](store::Sql& sql) { return show(call, sql, id); });
}

Result<Reply> end_project(Call& call) {
  if (auto query = call.query.finish(); !query) return query.error();
  json::object shown;
  auto changed = call.store().change([&](store::Change& change) -> Result<void> {
    const auto found = identity::find_project(change.sql(), change.workspace(), call.params[0]);
    if (!found) return found.error();
    shown = project_json(change.sql(), change.workspace(), *found);
    return identity::end_project(change, found->id, call.by);
  });
  if (!changed) return changed.error();
  return Reply{std::move(shown)};
}

}  // namespace purser::api
