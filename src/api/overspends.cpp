#include "handlers.h"

namespace purser::api {

Result<Reply> list_overspends(Call& call) {
  const bool all = call.query.flag("all");
  if (auto query = call.query.finish(); !query) return query.error();
  return call.read([&](store::Sql& sql) -> Result<Reply> {
    json::array items;
    sql.each(
        "SELECT model, since, overspend_nanos, requests, open FROM model_overspends WHERE "
        "workspace = ?1 AND (open <> 0 OR ?2) ORDER BY model LIMIT 1000",
        {call.workspace(), all}, [&](const store::Row& row) {
          items.push_back(json::object{{"model", row.text(0)},
                                       {"since", instant_json(row.instant(1))},
                                       {"overspend_usd", usd_json(row.nanos(2))},
                                       {"requests", row.integer(3)},
                                       {"bounds_doubled", row.boolean(4)}});
        });
    return page_reply(std::move(items), "");
  });
}

Result<Reply> clear_overspend(Call& call) {
  if (auto query = call.query.finish(); !query) return query.error();
  Body body(call.body);
  const std::string model = body.required_text("model");
  if (auto read = body.finish(); !read) return read.error();
  auto changed = call.store().change([&](store::Change& change) {
    return change.clear_overspend(model, call.by.actor, call.by.reason);
  });
  if (!changed) return changed.error();
  return Reply{json::object{{"model", model}, {"bounds_doubled", false}}};
}

}  // namespace purser::api
