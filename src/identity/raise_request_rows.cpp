#include "raise_request_rows.h"

#include "audit_json.h"
#include "purser/identity/names.h"
#include "purser/identity/scope_names.h"

namespace purser::identity {
namespace {

constexpr std::string_view kSelect =
    "SELECT r.id, r.cap, c.scope_kind, c.scope_id, c.period, c.enforcement, r.asked_by, "
    "r.asked_at, r.last_asked_at, r.times, r.limit_nanos, r.reason, r.expires_at, r.state, "
    "r.decided_by, r.decided_at, r.word, r.granted_limit_nanos, r.granted_until FROM "
    "raise_requests r JOIN caps c ON c.workspace = r.workspace AND c.id = r.cap WHERE r.workspace "
    "= ?1";

RaiseRequest request_of(const store::Row& row) {
  RaiseRequest request;
  request.id = row.id(0);
  request.cap = row.id(1);
  request.scope = {static_cast<ledger::ScopeKind>(row.integer(2)), row.id(3)};
  request.period = static_cast<Period>(row.integer(4));
  request.enforcement = static_cast<ledger::Enforcement>(row.integer(5));
  request.asked_by = row.id(6);
  request.asked = row.instant(7);
  request.last_asked = row.instant(8);
  request.times = row.integer(9);
  if (!row.is_null(10)) request.limit = row.nanos(10);
  request.reason = row.text(11);
  request.expires = row.instant(12);
  request.state = static_cast<RaiseRequestState>(row.integer(13));
  request.decided_by = row.id(14);
  if (!row.is_null(15)) request.decided = row.instant(15);
  request.word = row.text(16);
  if (!row.is_null(17)) request.granted_limit = row.nanos(17);
  if (!row.is_null(18)) request.granted_until = row.instant(18);
  return request;
}

store::Param or_null(const Id& id) { return id.is_zero() ? store::Param(nullptr) : id; }

std::string usd_or_null(const std::optional<Nanos>& amount) {
  return amount ? json_text(format_usd(*amount)) : "null";
}
std::string instant_or_null(const std::optional<Instant>& instant) {
  return instant ? json_text(format_instant(*instant)) : "null";
}

// "ana@example.com", or a service account's name.
std::string handle_of(store::Change& change, const Id& user) {
  const std::string target =
      scope_target(change.sql(), change.workspace(), {ledger::ScopeKind::user, user});
  return target.substr(target.find('/') + 1);
}

std::string audit_json(store::Change& change, const RaiseRequest& request) {
  AuditJson json;
  json.text("state", name(request.state))
      .id("cap", kCapPrefix, request.cap)
      .text("scope", scope_target(change.sql(), change.workspace(), request.scope))
      .text("period", name(request.period))
      .text("asked_by", handle_of(change, request.asked_by))
      .raw("limit_usd", usd_or_null(request.limit))
      .text("reason", request.reason)
      .number("times", request.times);
  if (request.state == RaiseRequestState::granted) {
    json.raw("granted_limit_usd", usd_or_null(request.granted_limit))
        .raw("granted_until", instant_or_null(request.granted_until));
  }
  if (!request.word.empty()) json.text("word", request.word);
  return json.str();
}

std::string event_json(store::Change& change, const RaiseRequest& request) {
  AuditJson json;
  json.id("request", kRaiseRequestPrefix, request.id)
      .id("cap", kCapPrefix, request.cap)
      .id("asked_by", kUserPrefix, request.asked_by)
      .text("asked_by_name", handle_of(change, request.asked_by))
      .text("reason", request.reason)
      .number("times", request.times)
      .raw("limit_usd", usd_or_null(request.limit))
      .text("expires_at", format_instant(request.expires));
  if (request.state == RaiseRequestState::open) return json.str();
  const bool by_somebody = !request.decided_by.is_zero();
  json.text("decision", name(request.state))
      .id("decided_by", kUserPrefix, request.decided_by)
      .raw("decided_by_name",
           by_somebody ? json_text(handle_of(change, request.decided_by)) : "null")
      .raw("word", request.word.empty() ? "null" : json_text(request.word))
      .raw("granted_limit_usd", usd_or_null(request.granted_limit))
      .raw("granted_until", instant_or_null(request.granted_until));
  return json.str();
}

std::vector<RaiseRequest> select(store::Sql& sql, std::string_view where,
                                 const std::vector<store::Param>& params) {
  std::vector<RaiseRequest> found;
  sql.each(std::string(kSelect) + std::string(where), params,
           [&](const store::Row& row) { found.push_back(request_of(row)); });
  return found;
}

// "(?7, ?8)", with the ids behind the parameters that there are.
std::string id_list(const std::vector<Id>& ids, std::vector<store::Param>& params) {
  std::string list = "(";
  for (const auto& id : ids) {
    params.emplace_back(id);
    list += (list.size() > 1 ? ", ?" : "?") + std::to_string(params.size());
  }
  return list + ")";
}

// Caps of these teams, of their memberships, of their members and of those members' keys.
std::string of_teams(const std::string& teams) {
  using ledger::ScopeKind;
  const auto kind = [](ScopeKind one) {
    return "c.scope_kind = " + std::to_string(static_cast<int>(one)) + " AND c.scope_id IN ";
  };
  const std::string in_teams =
      " FROM memberships m WHERE m.workspace = ?1 AND m.ended IS NULL AND m.team IN " + teams;
  return "(" + kind(ScopeKind::team) + teams + ") OR (" + kind(ScopeKind::membership) +
         "(SELECT m.id" + in_teams + ")) OR (" + kind(ScopeKind::user) + "(SELECT m.user_id" +
         in_teams + ")) OR (" + kind(ScopeKind::key) +
         "(SELECT k.id FROM keys k WHERE k.workspace = ?1 AND k.user_id IN (SELECT m.user_id" +
         in_teams + ")))";
}

}  // namespace

void insert_raise_request(store::Change& change, const RaiseRequest& request) {
  change.sql().run(
      "INSERT INTO raise_requests (workspace, id, cap, asked_by, asked_at, last_asked_at, times, "
      "limit_nanos, reason, expires_at, state) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, "
      "?11)",
      {change.workspace(), request.id, request.cap, request.asked_by, request.asked,
       request.last_asked, request.times, request.limit, request.reason, request.expires,
       static_cast<int>(request.state)});
}

void update_raise_request(store::Change& change, const RaiseRequest& request) {
  change.sql().run(
      "UPDATE raise_requests SET last_asked_at = ?3, times = ?4, limit_nanos = ?5, reason = ?6, "
      "expires_at = ?7, state = ?8, decided_by = ?9, decided_at = ?10, word = ?11, "
      "granted_limit_nanos = ?12, granted_until = ?13 WHERE workspace = ?1 AND id = ?2",
      {change.workspace(), request.id, request.last_asked, request.times, request.limit,
       request.reason, request.expires, static_cast<int>(request.state),
       or_null(request.decided_by), request.decided, request.word, request.granted_limit,
       request.granted_until});
}

void record_raise_request(store::Change& change, std::string_view action,
                          const RaiseRequest* before, const RaiseRequest& after,
                          const ChangedBy& by) {
  change.audit({by.actor, std::string(action),
                "raise_request/" + to_text(kRaiseRequestPrefix, after.id),
                before ? audit_json(change, *before) : "", audit_json(change, after), by.reason});
  const bool is_open = after.state == RaiseRequestState::open;
  // Who may grant it is not told again of the same within half a day.
  if (is_open && before && before->limit == after.limit &&
      after.last_asked - before->last_asked < std::chrono::hours(12))
    return;
  change.announce({is_open ? store::EventKind::raise_asked : store::EventKind::raise_decided,
                   after.scope, after.cap, after.id, event_json(change, after)});
}

std::optional<RaiseRequest> open_raise_request_of(store::Sql& sql, const Id& workspace,
                                                  const Id& cap, const Id& user) {
  auto found =
      select(sql, " AND r.cap = ?2 AND r.asked_by = ?3 AND r.state = 0", {workspace, cap, user});
  if (found.empty()) return std::nullopt;
  return found.front();
}

std::vector<RaiseRequest> expired_raise_requests(store::Sql& sql, const Id& workspace,
                                                 Instant now) {
  return select(sql, " AND r.state = 0 AND r.expires_at <= ?2 ORDER BY r.expires_at LIMIT ?3",
                {workspace, now, static_cast<std::int64_t>(kMaxExpiredAtOnce)});
}

Result<RaiseRequest> load_raise_request(store::Sql& sql, const Id& workspace, const Id& id) {
  auto found = select(sql, " AND r.id = ?2", {workspace, id});
  if (!found.empty()) return found.front();
  return Error{"unknown_raise_request",
               "There is no raise request with the id " + to_text(kRaiseRequestPrefix, id) + "."};
}

std::vector<RaiseRequest> list_raise_requests(store::Sql& sql, const Id& workspace, Instant now,
                                              const RaiseRequestFilter& filter) {
  std::vector<store::Param> params = {workspace, static_cast<std::int64_t>(filter.limit)};
  std::string where;
  if (!filter.after.is_zero()) {
    params.emplace_back(filter.after);
    where += " AND r.id < ?" + std::to_string(params.size());
  }
  if (filter.state) {
    params.emplace_back(static_cast<int>(*filter.state));
    params.emplace_back(now);
    where += " AND ?" + std::to_string(params.size() - 1) +
             " = CASE WHEN r.state = 0 AND r.expires_at <= ?" + std::to_string(params.size()) +
             " THEN 4 ELSE r.state END";
  }
  if (!filter.user.is_zero()) {
    params.emplace_back(filter.user);
    where += " AND (r.asked_by = ?" + std::to_string(params.size());
    if (!filter.teams.empty()) where += " OR " + of_teams(id_list(filter.teams, params));
    where += ")";
  }
  return select(sql, where + " ORDER BY r.id DESC LIMIT ?2", params);
}

}  // namespace purser::identity
