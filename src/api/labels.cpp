#include "purser/identity/labels.h"

#include "handlers.h"
#include "refs.h"
#include "shapes.h"

namespace purser::api {
namespace {

Result<Reply> show(const Call& call, store::Sql& sql, const Id& id) {
  const auto label = identity::load_label(sql, call.workspace(), id);
  if (!label) return label.error();
  return Reply{label_json(*label)};
}

}  // namespace

Result<Reply> list_labels(Call& call) {
  if (auto query = call.query.finish(); !query) return query.error();
  return call.read([&](store::Sql& sql) -> Result<Reply> {
    json::array items;
    for (const auto& label : identity::list_labels(sql, call.workspace()))
      items.push_back(label_json(label));
    return page_reply(std::move(items), "");
  });
}

Result<Reply> get_label(Call& call) {
  if (auto query = call.query.finish(); !query) return query.error();
  return call.read([&](store::Sql& sql) -> Result<Reply> {
    const auto label = identity::find_label(sql, call.workspace(), call.params[0]);
    if (!label) return label.error();
    return Reply{label_json(*label)};
  });
}

Result<Reply> create_label(Call& call) {
  if (auto query = call.query.finish(); !query) return query.error();
  Body body(call.body);
  const std::string name = body.required_text("name");
  if (auto read = body.finish(); !read) return read.error();
  Id id;
  return change_and_show(
      call, 201,
      [&](store::Change& change) -> Result<void> {
        auto made = identity::create_label(change, name, call.by);
        if (!made) return made.error();
        id = *made;
        return {};
      },
      [&](store::Sql& sql) { return show(call, sql, id); });
}

Result<Reply> update_label(Call& call) {
  if (auto query = call.query.finish(); !query) return query.error();
  Body body(call.body);
  const std::string name = body.required_text("name");
  if (auto read = body.finish(); !read) return read.error();
  Id id;
  return change_and_show(
      call, 200,
      [&](store::Change& change) -> Result<void> {
        const auto label = identity::find_label(change.sql(), change.workspace(), call.params[0]);
        if (!label) return label.error();
        id = label->id;
        return identity::rename_label(change, id, name, call.by);
      },
      [&](store::Sql& sql) { return show(call, sql, id); });
}

Result<Reply> end_label(Call& call) {
  if (auto query = call.query.finish(); !query) return query.error();
  json::object shown;
  auto changed = call.store().change([&](store::Change& change) -> Result<void> {
    const auto label = identity::find_label(change.sql(), change.workspace(), call.params[0]);
    if (!label) return label.error();
    shown = label_json(*label);
    return identity::end_label(change, label->id, call.by);
  });
  if (!changed) return changed.error();
  return Reply{std::move(shown)};
}

}  // namespace purser::api
