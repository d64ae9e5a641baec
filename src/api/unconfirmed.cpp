#include "unconfirmed.h"

#include "handlers.h"
#include "purser/identity/names.h"
#include "scopes.h"

namespace purser::api {

using ledger::ScopeKind;

// The newest first; their ids are time-ordered.
Result<Reply> list_unconfirmed(Call& call) {
  const std::size_t limit = call.query.limit();
  Id after = call.query.after("req");
  if (auto query = call.query.finish(); !query) return query.error();
  if (after.is_zero()) after.bytes.fill(0xFF);
  return call.read([&](store::Sql& sql) -> Result<Reply> {
    json::array items;
    std::vector<std::pair<Id, Id>> holders;  // user and team, named once the rows are read
    std::string next;
    sql.each(std::string("SELECT request, reserved_at, user, team, model, cost_nanos FROM usages "
                         "WHERE workspace = ?1 AND ") +
                 kIsUnconfirmed + " AND request < ?2 ORDER BY request DESC LIMIT ?3",
             {call.workspace(), after, static_cast<std::int64_t>(limit)},
             [&](const store::Row& row) {
               next = to_text("req", row.id(0));
               holders.emplace_back(row.id(2), row.id(3));
               items.push_back(json::object{{"request", next},
                                            {"reserved_at", instant_json(row.instant(1))},
                                            {"user", nullptr},
                                            {"team", nullptr},
                                            {"model", row.text(4)},
                                            {"cost_usd", usd_json(row.nanos(5))}});
             });
    const auto named = [&](ScopeKind kind, const Id& id) -> json::value {
      if (id.is_zero()) return nullptr;
      return json::object{{"id", id_json(prefix_of(kind), id)},
                          {"name", scope_name(sql, call.workspace(), {kind, id})}};
    };
    for (std::size_t i = 0; i < holders.size(); ++i) {
      auto& item = items[i].get_object();
      item["user"] = named(ScopeKind::user, holders[i].first);
      item["team"] = named(ScopeKind::team, holders[i].second);
    }
    if (items.size() < limit) next.clear();
    return page_reply(std::move(items), next);
  });
}

}  // namespace purser::api
