#include "handlers.h"
#include "my_caps.h"
#include "page_cursor.h"
#include "pauses.h"
#include "purser/identity/names.h"
#include "rules_json.h"
#include "shapes.h"
#include "unconfirmed.h"

namespace purser::api {
namespace {

using identity::Principal;

json::value team_of(const Principal& who) {
  if (who.team.is_zero()) return nullptr;
  return json::object{{"id", id_json(identity::kTeamPrefix, who.team)},
                      {"name", who.team_name},
                      {"lead", who.leads_team}};
}

// Null of who is signed in.
json::value key_of(const Call& call, store::Sql& sql) {
  const Principal& who = call.who;
  if (who.key.is_zero()) return nullptr;
  const auto key = identity::load_key(sql, call.workspace(), who.key);
  return json::object{{"id", id_json(identity::kKeyPrefix, who.key)},
                      {"kind", identity::name(who.key_kind)},
                      {"name", key ? key->name : std::string()},
                      {"default_project", id_json(identity::kProjectPrefix, who.default_project)},
                      {"default_label", id_json(identity::kLabelPrefix, who.default_label)}};
}

// What the user's requests were settled at whose end a crash hid, of whatever time.
Nanos unconfirmed_of(const Call& call, store::Sql& sql) {
  Nanos sum;
  sql.each(std::string("SELECT COALESCE(SUM(cost_nanos), 0) FROM usages WHERE workspace = ?1 AND "
                       "user = ?2 AND ") +
               kIsUnconfirmed,
           {call.workspace(), call.who.user}, [&](const store::Row& row) { sum = row.nanos(0); });
  return sum;
}

json::value budget_json(const Call& call, store::Sql& sql, const Id& task) {
  ledger::ScopeList scope;
  scope.push_back({ledger::ScopeKind::task, task});
  for (const auto& cap : call.store().caps(scope))
    if (cap.cap.enforcement == ledger::Enforcement::hard)
      return balance_json(sql, call.workspace(), cap);
  return nullptr;
}

}  // namespace

Result<Reply> get_me(Call& call) {
  if (auto query = call.query.finish(); !query) return query.error();
  return call.read([&](store::Sql& sql) -> Result<Reply> {
    const Principal& who = call.who;
    json::array caps;
    for (const auto& cap : caps_of_caller(call, sql))
      caps.push_back(balance_json(sql, call.workspace(), cap));
    json::object user{{"id", id_json(identity::kUserPrefix, who.user)},
                      {"name", who.user_name},
                      {"email", text_or_null(who.user_email)},
                      {"kind", identity::name(who.user_kind)},
                      {"role", identity::name(who.role)}};
    Pauses pauses = pauses_seen_by(call, sql);
    json::object body{{"user", std::move(user)},
                      {"team", team_of(who)},
                      {"key", key_of(call, sql)},
                      {"workspace",
                       {{"id", id_json("wsp", call.workspace())},
                        {"name", call.services.keys->directory()->workspace_name}}},
                      {"caps", std::move(caps)},
                      {"pauses", std::move(pauses.items)},
                      {"more_pauses", pauses.more},
                      {"rules", rules_of_caller(call, sql)},
                      {"unconfirmed_usd", usd_json(unconfirmed_of(call, sql))}};
    return Reply{std::move(body)};
  });
}

Result<Reply> list_my_tasks(Call& call) {
  const std::size_t limit = call.query.limit();
  const auto cursor = parse_time_cursor("task", call.query.text("after"));
  if (!cursor) return cursor.error();
  if (auto query = call.query.finish(); !query) return query.error();
  return call.read([&](store::Sql& sql) -> Result<Reply> {
    json::array items;
    std::string next;
    sql.each(
        "SELECT id, name, requests, cost_nanos, made_at, last_used_at FROM tasks WHERE workspace = "
        "?1 AND user = ?2 AND (last_used_at < ?3 OR (last_used_at = ?3 AND id < ?4)) ORDER BY "
        "last_used_at DESC, id DESC LIMIT ?5",
        {call.workspace(), call.who.user, cursor->nanoseconds, cursor->id,
         static_cast<std::int64_t>(limit)},
        [&](const store::Row& row) {
          items.push_back(json::object{{"id", id_json("task", row.id(0))},
                                       {"name", row.text(1)},
                                       {"requests", row.integer(2)},
                                       {"cost_usd", usd_json(row.nanos(3))},
                                       {"created_at", instant_json(row.instant(4))},
                                       {"last_used_at", instant_json(row.instant(5))},
                                       {"budget", budget_json(call, sql, row.id(0))}});
          next = time_cursor(row.instant(5), "task", row.id(0));
        });
    if (items.size() < limit) next.clear();
    return page_reply(std::move(items), next);
  });
}

}  // namespace purser::api
