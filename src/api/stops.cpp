#include "handlers.h"
#include "scopes.h"

namespace purser::api {
namespace {

json::object stop_json(store::Sql& sql, const Id& workspace, const ledger::Scope& scope,
                       bool stopped, std::string_view reason) {
  return {{"scope", ledger::name(scope.kind)},
          {"name", scope_name(sql, workspace, scope)},
          {"scope_id", id_json(prefix_of(scope.kind), scope.id)},
          {"stopped", stopped},
          {"reason", text_or_null(reason)}};
}

bool is_stopped(store::Sql& sql, const Id& workspace, const ledger::Scope& scope) {
  bool found = false;
  sql.each("SELECT 1 FROM scopes WHERE workspace = ?1 AND kind = ?2 AND id = ?3 AND stopped <> 0",
           {workspace, static_cast<int>(scope.kind), scope.id},
           [&](const store::Row&) { found = true; });
  return found;
}

Result<Reply> set_stopped(Call& call, bool stopped) {
  if (auto query = call.query.finish(); !query) return query.error();
  Body body(call.body);
  const std::string kind = body.required_text("scope");
  const std::string name = body.text("name").value_or("");
  if (auto read = body.finish(); !read) return read.error();
  if (stopped && call.by.reason.empty())
    return Error{"missing_member", "Say with \"reason\" why: those who are stopped read it."};
  json::object shown;
  auto changed = call.store().change([&](store::Change& change) -> Result<void> {
    const auto scope = find_scope(change.sql(), change.workspace(), kind, name);
    if (!scope) return scope.error();
    if (!stopped && !is_stopped(change.sql(), change.workspace(), *scope))
      return Error{"not_possible", "This scope is not stopped."};
    const ledger::Command command =
        stopped ? ledger::Command(ledger::Stop{*scope}) : ledger::Command(ledger::Resume{*scope});
    auto outcome = change.apply(command, call.by.actor, call.by.reason);
    if (!outcome) return outcome.error();
    shown =
        stop_json(change.sql(), change.workspace(), *scope, stopped, stopped ? call.by.reason : "");
    return {};
  });
  if (!changed) return changed.error();
  return Reply{std::move(shown)};
}

}  // namespace

Result<Reply> stop_scope(Call& call) { return set_stopped(call, true); }

Result<Reply> resume_scope(Call& call) { return set_stopped(call, false); }

Result<Reply> list_stops(Call& call) {
  if (auto query = call.query.finish(); !query) return query.error();
  return call.read([&](store::Sql& sql) -> Result<Reply> {
    struct Stopped {
      ledger::Scope scope;
      std::string reason;
    };
    std::vector<Stopped> found;
    sql.each(
        "SELECT kind, id, stop_reason FROM scopes WHERE workspace = ?1 AND stopped <> 0 ORDER BY "
        "kind, id LIMIT 1000",
        {call.workspace()}, [&](const store::Row& row) {
          found.push_back({{static_cast<ledger::ScopeKind>(row.integer(0)), row.id(1)},
                           std::string(row.text(2))});
        });
    json::array items;
    for (const auto& one : found)
      items.push_back(stop_json(sql, call.workspace(), one.scope, true, one.reason));
    return page_reply(std::move(items), "");
  });
}

}  // namespace purser::api
