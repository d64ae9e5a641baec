// At which shares of a limit people are told: of a cap, a team or the workspace.
#include "cap_lookup.h"
#include "handlers.h"
#include "page_cursor.h"
#include "purser/identity/names.h"
#include "purser/store/settings.h"
#include "refs.h"
#include "scopes.h"
#include "shapes.h"

namespace purser::api {
namespace {

Error bad_thresholds() {
  return Error{"bad_thresholds",
               "\"percents\" is a list of at most six multiples of 5, from 5 to 100, or null for "
               "what is inherited; 100 is always among them."};
}

Result<std::optional<ledger::PercentSet>> percents_of(Body& body) {
  if (!body.has("percents"))
    return Error{"missing_member", "\"percents\" is missing. " + bad_thresholds().message};
  if (body.is_null("percents")) return std::optional<ledger::PercentSet>();
  const json::array* list = body.array("percents");
  if (list == nullptr) return bad_thresholds();
  ledger::PercentSet set = ledger::thresholds_of({});
  for (const json::value& each : *list) {
    if (!each.is_int64() || each.get_int64() < 5 || each.get_int64() > 100 ||
        !ledger::PercentSet::is_step(static_cast<int>(each.get_int64())))
      return bad_thresholds();
    set.add(static_cast<int>(each.get_int64()));
  }
  return std::optional(set);
}

json::object thresholds_json(store::Sql& sql, const Id& workspace, const ledger::Scope& scope,
                             const json::value& cap, ledger::PercentSet percents) {
  return {{"scope", name(scope.kind)},
          {"name", scope_name(sql, workspace, scope)},
          {"cap", cap},
          {"percents", percents_json(percents)}};
}

ledger::PercentSet percents_in(const store::Row& row, int column) {
  return ledger::PercentSet::from_bits(static_cast<std::uint32_t>(row.integer(column)));
}

}  // namespace

// The workspace's, which are always there, and those that teams and caps have of their own.
Result<Reply> list_thresholds(Call& call) {
  if (auto query = call.query.finish(); !query) return query.error();
  return call.read([&](store::Sql& sql) -> Result<Reply> {
    const Id& workspace = call.workspace();
    json::array items;
    items.push_back(thresholds_json(sql, workspace, {ledger::ScopeKind::workspace, workspace},
                                    nullptr, store::workspace_thresholds(sql, workspace)));
    sql.each(
        "SELECT id, thresholds FROM teams WHERE workspace = ?1 AND thresholds IS NOT NULL AND "
        "ended IS NULL ORDER BY handle",
        {workspace}, [&](const store::Row& row) {
          items.push_back(thresholds_json(sql, workspace, {ledger::ScopeKind::team, row.id(0)},
                                          nullptr, percents_in(row, 1)));
        });
    sql.each(
        "SELECT scope_kind, scope_id, id, thresholds FROM caps WHERE workspace = ?1 AND "
        "own_thresholds = 1 AND ended_at IS NULL ORDER BY id",
        {workspace}, [&](const store::Row& row) {
          const ledger::Scope scope{static_cast<ledger::ScopeKind>(row.integer(0)), row.id(1)};
          items.push_back(thresholds_json(sql, workspace, scope,
                                          id_json(identity::kCapPrefix, row.id(2)),
                                          percents_in(row, 3)));
        });
    return page_reply(std::move(items), "");
  });
}

Result<Reply> set_thresholds(Call& call) {
  if (auto query = call.query.finish(); !query) return query.error();
  Body body(call.body);
  const auto cap = body.text("cap");
  const auto scope = body.text("scope");
  const auto name = body.text("name").value_or("");
  const auto percents = percents_of(body);
  if (auto read = body.finish(); !read) return read.error();
  if (!percents) return percents.error();
  if (cap.has_value() == scope.has_value() || (scope && *scope != "workspace" && *scope != "team"))
    return Error{"bad_scope",
                 "Give \"cap\", a cap's id, or \"scope\": workspace, or team with its \"name\"."};
  store::ThresholdOwner owner;
  if (cap) {
    const auto id = parse_cap_id(*cap);
    if (!id) return id.error();
    owner.cap = *id;
  }
  auto changed = call.store().change([&](store::Change& change) -> Result<void> {
    if (scope) {
      const auto found = find_scope(change.sql(), change.workspace(), *scope, name);
      if (!found) return found.error();
      owner.scope = *found;
    }
    return change.set_thresholds(owner, *percents, call.by.actor, call.by.reason);
  });
  if (!changed) return changed.error();
  json::value shown = nullptr;
  if (*percents) shown = percents_json(**percents);
  return Reply{json::object{{"percents", shown}}};
}

}  // namespace purser::api
