#include "cap_lookup.h"
#include "handlers.h"
#include "purser/identity/names.h"
#include "scopes.h"
#include "shapes.h"

namespace purser::api {
namespace {

struct Found {
  Id id;
  ledger::Scope scope;
};

// One page's worth of open caps in the order of their ids; a scope of kind and zero id: all of it.
std::vector<Found> open_caps(store::Sql& sql, const Id& workspace, const Id& after,
                             const std::optional<ledger::ScopeKind>& kind, const Id& scope_id,
                             std::size_t limit) {
  std::vector<Found> found;
  const store::Param wanted_kind = kind ? store::Param(static_cast<int>(*kind)) : nullptr;
  const store::Param wanted_id = scope_id.is_zero() ? store::Param(nullptr) : scope_id;
  sql.each(
      "SELECT id, scope_kind, scope_id FROM caps WHERE workspace = ?1 AND ended_at IS NULL AND id "
      "> ?2 AND (?3 IS NULL OR scope_kind = ?3) AND (?4 IS NULL OR scope_id = ?4) ORDER BY id "
      "LIMIT ?5",
      {workspace, after, wanted_kind, wanted_id, static_cast<std::int64_t>(limit)},
      [&](const store::Row& row) {
        found.push_back({row.id(0), {static_cast<ledger::ScopeKind>(row.integer(1)), row.id(2)}});
      });
  return found;
}

}  // namespace

Result<Id> parse_cap_id(std::string_view text) {
  auto id = parse_id(identity::kCapPrefix, text);
  if (!id) return Error{"unknown_cap", id.error().message};
  return id;
}

Result<ledger::Scope> scope_of_cap(store::Sql& sql, const Id& workspace, const Id& cap) {
  std::optional<ledger::Scope> found;
  sql.each(
      "SELECT scope_kind, scope_id FROM caps WHERE workspace = ?1 AND id = ?2 AND ended_at IS NULL",
      {workspace, cap}, [&](const store::Row& row) {
        found = ledger::Scope{static_cast<ledger::ScopeKind>(row.integer(0)), row.id(1)};
      });
  if (found) return *found;
  return Error{"unknown_cap", "There is no cap with the id " + to_text(identity::kCapPrefix, cap) +
                                  ", or it has ended."};
}

Result<store::CapStatus> cap_status(const Call& call, store::Sql& sql, const Id& cap) {
  const auto scope = scope_of_cap(sql, call.workspace(), cap);
  if (!scope) return scope.error();
  ledger::ScopeList scopes;
  scopes.push_back(*scope);
  for (auto& status : call.store().caps(scopes)) {
    if (status.cap.id == cap) return status;
  }
  return Error{"unknown_cap", "The cap has just ended."};
}

Result<Reply> show_cap(const Call& call, store::Sql& sql, const Id& cap) {
  const auto status = cap_status(call, sql, cap);
  if (!status) return status.error();
  return Reply{cap_json(sql, call.workspace(), *status)};
}

Result<Reply> list_caps(Call& call) {
  const std::size_t limit = call.query.limit();
  Id after = call.query.after(identity::kCapPrefix);
  const std::string scope_text = call.query.text("scope");
  const std::string name_text = call.query.text("name");
  if (auto query = call.query.finish(); !query) return query.error();
  if (scope_text.empty() && !name_text.empty())
    return Error{"bad_query", "\"name\" needs \"scope\": ?scope=team&name=engineering."};
  return call.read([&](store::Sql& sql) -> Result<Reply> {
    const Sight sight = call.sight(sql);
    std::optional<ledger::ScopeKind> kind;
    Id scope_id;
    if (!scope_text.empty()) {
      kind = ledger::parse_scope_kind(scope_text);
      if (!kind || !name_text.empty()) {
        const auto scope = find_scope(sql, call.workspace(), scope_text, name_text);
        if (!scope) return scope.error();
        scope_id = scope->id;
      }
    }
    json::array items;
    std::string next;
    // What the caller may not see is passed over, in bounded steps.
    for (int step = 0; step < 50 && items.size() < limit; ++step) {
      const auto found = open_caps(sql, call.workspace(), after, kind, scope_id, limit);
      for (const auto& cap : found) {
        if (items.size() == limit) break;
        after = cap.id;
        if (!sight.sees_scope(sql, call.workspace(), cap.scope)) continue;
        const auto status = cap_status(call, sql, cap.id);
        if (status) items.push_back(cap_json(sql, call.workspace(), *status));
      }
      next = found.size() < limit ? "" : to_text(identity::kCapPrefix, after);
      if (found.size() < limit) break;
    }
    return page_reply(std::move(items), next);
  });
}

Result<Reply> get_cap(Call& call) {
  if (auto query = call.query.finish(); !query) return query.error();
  const auto id = parse_cap_id(call.params[0]);
  if (!id) return id.error();
  return call.read([&](store::Sql& sql) -> Result<Reply> {
    const auto scope = scope_of_cap(sql, call.workspace(), *id);
    const Sight sight = call.sight(sql);
    if (!sight.everything && (!scope || !sight.sees_scope(sql, call.workspace(), *scope)))
      return forbidden("You may read the caps that you fall under, and those of teams you lead.");
    return show_cap(call, sql, *id);
  });
}

}  // namespace purser::api
