#include "event_rows.h"

#include <algorithm>

#include "json_text.h"
#include "purser/audit/chain.h"
#include "scope_text.h"

namespace purser::store {
namespace {

Id event_id(EventKind kind, const Id& subject, Instant cycle_start, int percent,
            std::uint32_t limit_version) {
  const audit::Hash hash = audit::FieldHasher({})
                               .add(static_cast<std::int64_t>(kind))
                               .add(subject)
                               .add(cycle_start.time_since_epoch().count())
                               .add(percent)
                               .add(limit_version)
                               .finish();
  Id id;
  std::copy_n(hash.begin(), id.bytes.size(), id.bytes.begin());
  return id;
}

// What every event of an account has: the balances after the command.
JsonObject account_json(const ledger::Account& account, const Cause& cause) {
  JsonObject json;
  json.add("cap", to_text("cap", account.cap))
      .add("scope", name(account.scope.kind))
      .add("scope_id", scope_id_text(account.scope))
      .add("period", name(account.period))
      .add("enforcement", name(account.enforcement))
      .add("limit_usd", account.limit)
      .add("spent_usd", account.spent)
      .add("held_usd", account.held)
      .add("paused", account.enforcement == ledger::Enforcement::hard &&
                         (account.paused() || account.is_reached()));
  // A task's cap has none: its bounds are no instants that could be written.
  if (account.period != Period::none)
    json.add("cycle_start", account.cycle_start).add("cycle_end", account.cycle_end);
  if (cause.request.is_zero())
    json.add("actor_name", cause.actor_name).add("reason", cause.reason);
  else
    json.add("request", to_text("req", cause.request));
  return json;
}

Event event_of(EventKind kind, const ledger::Account& account, const Id& subject,
               std::string body) {
  return {kind, account.scope, account.cap, subject, std::move(body), account.cycle_start};
}

}  // namespace

EventRows::EventRows(Connection& connection, const Id& workspace)
    : connection_(connection),
      workspace_(workspace),
      add_(connection.prepare(
          "INSERT INTO outbox (workspace, id, kind, cap, cycle_start, percent, limit_version, "
          "subject, body, made_at, sequence, scope_kind, scope_id) VALUES (?1, ?2, ?3, ?4, ?5, ?6, "
          "?7, ?8, ?9, ?10, ?11, ?12, ?13)")) {}

void EventRows::insert(Moment moment, const Id& id, const Event& event, int percent,
                       std::uint32_t limit_version) {
  add_->run({workspace_, id, static_cast<int>(event.kind), event.cap, event.cycle_start, percent,
             limit_version, event.subject, event.body, moment.now, moment.sequence,
             static_cast<int>(event.scope.kind), event.scope.id});
}

bool EventRows::add_transitions(Moment moment, const ledger::Outcome& outcome,
                                std::span<const ledger::Account> accounts, const Cause& cause) {
  bool added = false;
  for (const ledger::Transition& transition : outcome.transitions) {
    if (transition.kind == ledger::Transition::Kind::overspend) continue;
    const ledger::Account& account = accounts[transition.account];
    JsonObject body = account_json(account, cause);
    if (transition.kind == ledger::Transition::Kind::pause_ended) {
      // It began under an earlier version of the limit, but for a cap that ended with it.
      const std::uint32_t version = account.limit_version - (account.ended ? 0 : 1);
      const Id id = event_id(EventKind::pause_ended, account.cap, account.cycle_start, 0, version);
      insert(moment, id, event_of(EventKind::pause_ended, account, cause.request, body.text()), 0,
             account.limit_version);
    } else {
      const int percent = transition.percent;
      const Id id = event_id(EventKind::threshold, account.cap, account.cycle_start, percent,
                             account.limit_version);
      insert(moment, id,
             event_of(EventKind::threshold, account, cause.request,
                      body.add("percent", percent).text()),
             percent, account.limit_version);
    }
    added = true;
  }
  return added;
}

void EventRows::add_limit_change(Moment moment, const ledger::Account& account, Nanos old_limit,
                                 std::optional<Instant> until, const Cause& cause) {
  JsonObject body = account_json(account, cause);
  body.add("old_limit_usd", old_limit).add("ended", account.ended);
  if (until) body.add("until", *until);
  const Id id = event_id(EventKind::limit_changed, account.cap, account.cycle_start,
                         account.ended ? 1 : 0, account.limit_version);
  insert(moment, id, event_of(EventKind::limit_changed, account, {}, body.text()), 0,
         account.limit_version);
}

bool EventRows::add_running_out(Moment moment, const ledger::Account& account, Instant at) {
  const Id id = event_id(EventKind::runs_out_early, account.cap, account.cycle_start, 0,
                         account.limit_version);
  if (connection_.integer("SELECT COUNT(*) FROM outbox WHERE workspace = ?1 AND id = ?2",
                          {workspace_, id}) != 0)
    return false;
  JsonObject body = account_json(account, {});
  body.add("runs_out_at", at);
  insert(moment, id, event_of(EventKind::runs_out_early, account, {}, body.text()), 0,
         account.limit_version);
  return true;
}

void EventRows::add_overspend(Moment moment, const Id& request, std::string_view model,
                              Nanos overspend) {
  const std::string body = JsonObject()
                               .add("request", to_text("req", request))
                               .add("model", model)
                               .add("overspend_usd", overspend)
                               .text();
  add(moment, event_id(EventKind::overspend, request, {}, 0, 0),
      {EventKind::overspend, {ledger::ScopeKind::workspace, workspace_}, {}, request, body});
}

void EventRows::add(Moment moment, const Id& id, const Event& event) {
  insert(moment, id, event, 0, 0);
}

}  // namespace purser::store
