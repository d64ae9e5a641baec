#include "audit_filter.h"

#include "purser/identity/names.h"
#include "purser/identity/raise_requests.h"
#include "purser/identity/users.h"
#include "request_reads.h"
#include "scopes.h"
#include "times.h"

namespace purser::api {
namespace {

using ledger::ScopeKind;

constexpr std::size_t kCapTargetBytes = 34;  // "cap/cap_" and 26 letters
constexpr std::int64_t kMostTargets = 5000;  // caps, and raise requests, of one scope; the newest

struct Rename {
  std::string from, to;  // targets
};

// Every change of a name of this kind of scope, the newest first.
std::vector<Rename> renames(store::Sql& sql, const Id& workspace, std::string_view kind) {
  std::vector<Rename> found;
  sql.each(
      "SELECT target, to_value FROM audit WHERE workspace = ?1 AND action = ?2 ORDER BY sequence "
      "DESC",
      {workspace, std::string(kind) + ".update"}, [&](const store::Row& row) {
        const auto value = embedded_json(row.text(1));
        const json::object to = value.is_object() ? value.get_object() : json::object();
        std::string name = text_member(to, "email");
        if (name.empty()) name = text_member(to, "name");
        std::string target = std::string(kind) + "/" + name;
        if (target != row.text(0)) found.push_back({std::string(row.text(0)), std::move(target)});
      });
  return found;
}

// "team/engineering" and what it was called before.
std::set<std::string> names_of(store::Sql& sql, const Id& workspace, const ledger::Scope& scope) {
  std::set<std::string> names{identity::scope_target(sql, workspace, scope)};
  const std::string_view kind = ledger::name(scope.kind);
  for (const auto& rename : renames(sql, workspace, kind)) {
    if (names.contains(rename.to)) names.insert(rename.from);
  }
  return names;
}

}  // namespace

AuditFilter::AuditFilter(Query& query)
    : actor_(query.text("actor")),
      action_(query.text("action")),
      target_(query.text("target")),
      from_(query.text("from")),
      to_(query.text("to")),
      scope_(query.text("scope")),
      name_(query.text("name")) {}

std::string AuditFilter::add(store::Param param) {
  params_.push_back(std::move(param));
  return "?" + std::to_string(params_.size());
}

void AuditFilter::add_scope(store::Sql& sql, const ledger::Scope& scope) {
  const auto kind = static_cast<int>(scope.kind);
  const std::string kind_name(ledger::name(scope.kind));
  targets_ = names_of(sql, workspace_, scope);
  for (const auto& target : targets_) {
    const std::string name = target.substr(kind_name.size() + 1);
    if (scope.kind == ScopeKind::team) beginnings_.insert("membership/" + name + "/");
    if (scope.kind != ScopeKind::user) continue;
    beginnings_.insert("key/" + name + "/");
    endings_.insert("/" + name);
    values_.insert(read_value(name));
  }
  targets_.insert(kind_name + "/" + to_text(prefix_of(scope.kind), scope.id));  // its stops
  if (scope.kind == ScopeKind::workspace) targets_.insert("settings");
  sql.each(
      "SELECT id FROM caps WHERE workspace = ?1 AND scope_kind = ?2 AND scope_id = ?3 ORDER BY id "
      "DESC LIMIT ?4",
      {workspace_, kind, scope.id, kMostTargets}, [&](const store::Row& row) {
        targets_.insert("cap/" + to_text(identity::kCapPrefix, row.id(0)));
      });
  sql.each(
      "SELECT r.id FROM raise_requests r JOIN caps c ON c.workspace = r.workspace AND c.id = r.cap "
      "WHERE r.workspace = ?1 AND ((c.scope_kind = ?2 AND c.scope_id = ?3) OR r.asked_by = ?3) "
      "ORDER BY r.id DESC LIMIT ?4",
      {workspace_, kind, scope.id, kMostTargets}, [&](const store::Row& row) {
        targets_.insert("raise_request/" + to_text(identity::kRaiseRequestPrefix, row.id(0)));
      });
}

Result<void> AuditFilter::resolve(const Call& call, store::Sql& sql) {
  workspace_ = call.workspace();
  params_.clear();
  condition_.clear();
  add(workspace_);
  const auto calendar = call.store().calendar();
  for (const auto& [text, comparison] : {std::pair{from_, " AND at >= "}, {to_, " AND at < "}}) {
    if (text.empty()) continue;
    const auto instant = parse_time(text, *calendar);
    if (!instant) return instant.error();
    condition_ += comparison + add(*instant);
  }
  if (actor_ == "purser") {  // what Purser itself did
    actor_id_ = Id{};
    condition_ += " AND actor = " + add(actor_id_);
  } else if (!actor_.empty()) {
    const auto user = identity::find_user(sql, workspace_, actor_);
    if (!user) return user.error();
    actor_id_ = user->id;
    condition_ += " AND actor = " + add(actor_id_);
  }
  // An action or a target may be given by its beginning: "cap." or "user/".
  const auto begins = [&](const std::string& column, const std::string& text) {
    const std::string place = add(text);
    return "substr(" + column + ", 1, length(" + place + ")) = " + place;
  };
  if (!action_.empty()) condition_ += " AND " + begins("action", action_);
  // A move of limit has two targets, "cap/… cap/…".
  if (!target_.empty()) {
    const std::string second = "substr(target, " + std::to_string(kCapTargetBytes + 2) + ")";
    condition_ += " AND (" + begins("target", target_) + " OR (action = 'cap.reallocate' AND " +
                  begins(second, target_) + "))";
  }
  if (scope_.empty()) {
    if (name_.empty()) return {};
    return Error{"bad_query", "\"name\" needs \"scope\": ?scope=team&name=engineering."};
  }
  const auto scope = find_scope(sql, workspace_, scope_, name_);
  if (!scope) return scope.error();
  add_scope(sql, *scope);
  std::string targets;
  for (const auto& target : targets_) targets += (targets.empty() ? "" : ", ") + add(target);
  const std::string size = std::to_string(kCapTargetBytes);
  const std::string among = " IN (" + targets + ")";
  std::string any = "target" + among + " OR (action = 'cap.reallocate' AND (substr(target, 1, " +
                    size + ")" + among + " OR substr(target, -" + size + ")" + among + "))";
  for (const auto& beginning : beginnings_) any += " OR " + begins("target", beginning);
  for (const auto& ending : endings_) {
    const std::string place = add(ending);
    any += " OR (substr(target, 1, 11) = 'membership/' AND substr(target, -length(" + place +
           ")) = " + place + ")";
  }
  for (const auto& value : values_)
    any += " OR (action = 'request.read' AND to_value = " + add(value) + ")";
  condition_ += " AND (" + any + ")";
  return {};
}

}  // namespace purser::api
