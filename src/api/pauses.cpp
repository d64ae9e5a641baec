#include "pauses.h"

#include <algorithm>

#include "my_caps.h"
#include "purser/identity/names.h"
#include "scopes.h"
#include "shapes.h"

namespace purser::api {
namespace {

using ledger::Scope;
using ledger::ScopeKind;

constexpr std::size_t kMostPauses = 100;
constexpr std::int64_t kMostCandidates = 10'000;

json::object scope_members(store::Sql& sql, const Id& workspace, const Scope& scope) {
  return {{"scope", ledger::name(scope.kind)},
          {"name", scope_name(sql, workspace, scope)},
          {"scope_id", id_json(prefix_of(scope.kind), scope.id)}};
}

json::object spent_json(store::Sql& sql, const Id& workspace, const store::CapStatus& status) {
  json::object pause = scope_members(sql, workspace, status.cap.scope);
  json::value until = nullptr;
  if (status.cap.period != Period::none) until = instant_json(status.account.cycle_end);
  pause["why"] = "spent";
  pause["cap"] = id_json(identity::kCapPrefix, status.cap.id);
  pause["period"] = name(status.cap.period);
  pause["limit_usd"] = usd_json(status.account.limit);
  pause["until"] = until;
  pause["reason"] = nullptr;
  return pause;
}

json::object stopped_json(store::Sql& sql, const Id& workspace, const Scope& scope,
                          std::string_view reason) {
  json::object pause = scope_members(sql, workspace, scope);
  pause["why"] = "stopped";
  for (const char* none : {"cap", "period", "limit_usd", "until"}) pause[none] = nullptr;
  pause["reason"] = text_or_null(reason);
  return pause;
}

struct Stopped {
  Scope scope;
  std::string reason;
};

std::vector<Stopped> all_stopped(store::Sql& sql, const Id& workspace) {
  std::vector<Stopped> found;
  sql.each(
      "SELECT kind, id, stop_reason FROM scopes WHERE workspace = ?1 AND stopped <> 0 ORDER BY "
      "kind, id LIMIT ?2",
      {workspace, kMostCandidates}, [&](const store::Row& row) {
        found.push_back(
            {{static_cast<ScopeKind>(row.integer(0)), row.id(1)}, std::string(row.text(2))});
      });
  return found;
}

// The scopes of caps that may be spent: the rows are near the limit, the balances in memory decide.
// Reached is a cap from 95 % on at the earliest (DESIGN, "reached").
std::vector<Scope> nearly_spent(store::Sql& sql, const Id& workspace, Instant now) {
  std::vector<Scope> found;
  // The view `accounts` would be made whole, being a join on the right of a LEFT JOIN.
  sql.each(
      "SELECT DISTINCT c.scope_kind, c.scope_id FROM caps c LEFT JOIN account_rows a ON "
      "a.workspace = c.workspace AND a.cap = c.id AND a.cycle_start <= ?2 AND a.cycle_end > ?2 "
      "LEFT JOIN recent_balances r ON r.account = a.number WHERE c.workspace = ?1 AND c.ended_at "
      "IS NULL AND c.enforcement = 0 AND COALESCE(r.spent_nanos, a.spent_nanos, 0) >= 0.95 * "
      "MIN(c.limit_nanos, COALESCE(c.temporary_limit_nanos, c.limit_nanos)) ORDER BY c.scope_kind, "
      "c.scope_id LIMIT ?3",
      {workspace, now, kMostCandidates}, [&](const store::Row& row) {
        found.push_back({static_cast<ScopeKind>(row.integer(0)), row.id(1)});
      });
  return found;
}

// The caller's tasks that have a budget of their own.
std::vector<Scope> own_tasks(const Call& call, store::Sql& sql) {
  std::vector<Scope> found;
  sql.each("SELECT task FROM task_budgets WHERE workspace = ?1 AND user = ?2",
           {call.workspace(), call.who.user}, [&](const store::Row& row) {
             found.push_back({ScopeKind::task, row.id(0)});
           });
  return found;
}

// Of what need not be the caller's own, and can refuse their requests all the same.
bool may_refuse(const Call& call, store::Sql& sql, const Scope& scope) {
  if (scope.kind != ScopeKind::task)
    return may_book_on(sql, call.workspace(), call.who.user, scope);
  bool found = false;
  sql.each("SELECT 1 FROM tasks WHERE workspace = ?1 AND id = ?2 AND user = ?3",
           {call.workspace(), scope.id, call.who.user}, [&](const store::Row&) { found = true; });
  return found;
}

class Gathering {
 public:
  Gathering(const Call& call, store::Sql& sql) : call_(call), sql_(sql) {}

  void add_stopped(const Stopped& one, bool own) {
    add(stopped_json(sql_, call_.workspace(), one.scope, one.reason), own);
  }
  void add_spent(const Scope& scope, bool own) {
    ledger::ScopeList scopes;
    scopes.push_back(scope);
    for (const auto& status : call_.store().caps(scopes))
      if (is_spent(status)) add(spent_json(sql_, call_.workspace(), status), own);
  }
  Pauses take() { return std::move(pauses_); }

 private:
  void add(json::object pause, bool own) {
    if (pauses_.items.size() == kMostPauses) {
      pauses_.more = true;
      return;
    }
    pause["own"] = own;
    pauses_.items.push_back(std::move(pause));
  }

  const Call& call_;
  store::Sql& sql_;
  Pauses pauses_;
};

}  // namespace

bool is_spent(const store::CapStatus& status) {
  return status.cap.enforcement == ledger::Enforcement::hard &&
         (status.account.paused() || status.account.is_reached());
}

Pauses pauses_seen_by(const Call& call, store::Sql& sql) {
  const std::vector<Scope> own = scopes_of_caller(call, sql);
  const auto is_own = [&](const Scope& scope) {
    return std::find(own.begin(), own.end(), scope) != own.end();
  };
  const std::vector<Stopped> stopped = all_stopped(sql, call.workspace());
  Gathering gathering(call, sql);
  for (const Stopped& one : stopped)
    if (is_own(one.scope)) gathering.add_stopped(one, true);
  for (const Scope& scope : own) gathering.add_spent(scope, true);
  const bool is_use_key = call.who.key_kind == identity::KeyKind::use;
  const Sight sight = call.sight(sql);
  const auto is_told = [&](const Scope& scope) {
    if (is_own(scope)) return false;
    if (!is_use_key && sight.sees_scope(sql, call.workspace(), scope)) return true;
    return may_refuse(call, sql, scope);
  };
  for (const Stopped& one : stopped)
    if (is_told(one.scope)) gathering.add_stopped(one, false);
  std::vector<Scope> candidates = nearly_spent(sql, call.workspace(), call.store().ledger_now());
  // Those of others may have crowded them out.
  for (const Scope& task : own_tasks(call, sql))
    if (std::find(candidates.begin(), candidates.end(), task) == candidates.end())
      candidates.push_back(task);
  for (const Scope& scope : candidates)
    if (is_told(scope)) gathering.add_spent(scope, false);
  return gathering.take();
}

}  // namespace purser::api
