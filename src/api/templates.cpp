#include "purser/identity/templates.h"

#include "cap_specs.h"
#include "handlers.h"
#include "refs.h"
#include "shapes.h"

namespace purser::api {
namespace {

Result<Reply> show(const Call& call, store::Sql& sql, const Id& id) {
  const auto found = identity::load_template(sql, call.workspace(), id);
  if (!found) return found.error();
  return Reply{template_json(*found)};
}

std::optional<identity::UserKind> default_for(Body& body) {
  const auto text = body.text("default_for");
  if (!text) return std::nullopt;
  const auto kind = identity::parse_user_kind(*text);
  if (!kind) body.fail({"bad_member", "\"default_for\" is person or service."});
  return kind;
}

}  // namespace

Result<Reply> list_templates(Call& call) {
  if (auto query = call.query.finish(); !query) return query.error();
  return call.read([&](store::Sql& sql) -> Result<Reply> {
    json::array items;
    for (const auto& one : identity::list_templates(sql, call.workspace()))
      items.push_back(template_json(one));
    return page_reply(std::move(items), "");
  });
}

Result<Reply> get_template(Call& call) {
  if (auto query = call.query.finish(); !query) return query.error();
  return call.read([&](store::Sql& sql) -> Result<Reply> {
    const auto found = identity::find_template(sql, call.workspace(), call.params[0]);
    if (!found) return found.error();
    return Reply{template_json(*found)};
  });
}

Result<Reply> create_template(Call& call) {
  if (auto query = call.query.finish(); !query) return query.error();
  Body body(call.body);
  identity::NewTemplate wanted;
  wanted.name = body.required_text("name");
  const auto caps = cap_specs(body, "caps");
  wanted.default_for = default_for(body);
  if (auto read = body.finish(); !read) return read.error();
  wanted.caps = caps.value_or(std::vector<identity::TemplateCap>{});
  Id id;
  return change_and_show(
      call, 201,
      [&](store::Change& change) -> Result<void> {
        auto made = identity::create_template(change, wanted, call.by);
        if (!made) return made.error();
        id = *made;
        return {};
      },
      [&](store::Sql& sql) { return show(call, sql, id); });
}

Result<Reply> update_template(Call& call) {
  if (auto query = call.query.finish(); !query) return query.error();
  Body body(call.body);
  identity::TemplateUpdate update;
  update.name = body.text("name");
  update.caps = cap_specs(body, "caps");
  update.default_for = default_for(body);
  if (auto read = body.finish(); !read) return read.error();
  Id id;
  identity::TemplateEffect effect;
  auto reply = change_and_show(
      call, 200,
      [&](store::Change& change) -> Result<void> {
        const auto found =
            identity::find_template(change.sql(), change.workspace(), call.params[0]);
        if (!found) return found.error();
        id = found->id;
        auto updated = identity::update_template(change, id, update, call.by);
        if (!updated) return updated.error();
        effect = *updated;
        return {};
      },
      [&](store::Sql& sql) { return show(call, sql, id); });
  if (!reply) return reply;
  reply->body.get_object()["caps_set"] = effect.caps_set;
  reply->body.get_object()["caps_ended"] = effect.caps_ended;
  return reply;
}

Result<Reply> end_template(Call& call) {
  if (auto query = call.query.finish(); !query) return query.error();
  json::object shown;
  auto changed = call.store().change([&](store::Change& change) -> Result<void> {
    const auto found = identity::find_template(change.sql(), change.workspace(), call.params[0]);
    if (!found) return found.error();
    shown = template_json(*found);
    return identity::end_template(change, found->id, call.by);
  });
  if (!changed) return changed.error();
  return Reply{std::move(shown)};
}

}  // namespace purser::api
