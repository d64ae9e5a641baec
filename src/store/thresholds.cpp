#include "thresholds.h"

#include <charconv>

#include "change.h"
#include "commands.h"
#include "cycles.h"
#include "json_text.h"
#include "purser/base/check.h"
#include "purser/store/settings.h"
#include "scope_text.h"

namespace purser::store {
namespace {

using ledger::PercentSet;
using ledger::ScopeKind;

constexpr const char* kSetting = "alert_thresholds";

std::optional<PercentSet> of_workspace(Sql& sql, const Id& workspace) {
  const std::string text = read_setting(sql, workspace, kSetting);
  if (text.empty()) return std::nullopt;
  std::uint32_t bits = 0;
  std::from_chars(text.data(), text.data() + text.size(), bits);
  return PercentSet::from_bits(bits);
}

// Of the team that a team's or a membership's cap belongs to.
std::optional<PercentSet> of_team(Writer& writer, const ledger::Scope& scope) {
  const char* query =
      scope.kind == ScopeKind::team
          ? "SELECT thresholds FROM teams WHERE workspace = ?1 AND id = ?2"
          : "SELECT t.thresholds FROM memberships m JOIN teams t ON t.workspace = m.workspace AND "
            "t.id = m.team WHERE m.workspace = ?1 AND m.id = ?2";
  std::optional<PercentSet> found;
  writer.connection.each(query, {writer.workspace, scope.id}, [&](const Row& row) {
    if (!row.is_null(0)) found = PercentSet::from_bits(static_cast<std::uint32_t>(row.integer(0)));
  });
  return found;
}

std::string thresholds_json(const std::optional<PercentSet>& thresholds) {
  std::string list;
  if (thresholds)
    for (const int percent : thresholds->percents())
      list += (list.empty() ? "" : ",") + std::to_string(percent);
  return JsonObject().add_json("thresholds", thresholds ? "[" + list + "]" : "null").text();
}

Error bad_thresholds() {
  return {"bad_thresholds",
          "Thresholds are up to six multiples of 5, from 5 to 100; 100 is always "
          "one of them.",
          Side::client};
}

void put_in_force(Writer& writer, const Id& cap, PercentSet thresholds, bool own) {
  const ledger::Scope* scope = writer.state.scope_of_cap.find(cap);
  PURSER_ASSERT(scope != nullptr);
  CapEntry& entry = *writer.state.scopes.edit(*scope).find(cap);
  entry.cap.thresholds = thresholds;
  entry.own_thresholds = own;
  writer.connection.run(
      "UPDATE caps SET thresholds = ?3, own_thresholds = ?4 WHERE workspace = ?1 AND id = ?2",
      {writer.workspace, cap, thresholds.bits(), own});
  writer.wrote = true;
  if (!entry.latest) return;
  AccountEntry account = *entry.latest;
  ledger::take_thresholds(account.account, thresholds);
  writer.put_account(std::move(account));
}

// The caps that have what the owner has: of a team, its own and its memberships'; of the workspace,
// all others but those of teams with thresholds of their own.
std::vector<Id> inheriting_caps(Writer& writer, const ledger::Scope& owner) {
  const char* query =
      owner.kind == ScopeKind::team
          ? "SELECT id FROM caps WHERE workspace = ?1 AND ended_at IS NULL AND own_thresholds = 0 "
            "AND ((scope_kind = ?3 AND scope_id = ?2) OR (scope_kind = ?4 AND scope_id IN (SELECT "
            "id FROM memberships WHERE workspace = ?1 AND team = ?2)))"
          : "SELECT id FROM caps WHERE workspace = ?1 AND ?2 IS NOT NULL AND ended_at IS NULL AND "
            "own_thresholds = 0 AND NOT (scope_kind = ?3 AND scope_id IN (SELECT id FROM teams "
            "WHERE workspace = ?1 AND thresholds IS NOT NULL)) AND NOT (scope_kind = ?4 AND "
            "scope_id IN (SELECT m.id FROM memberships m JOIN teams t ON t.workspace = m.workspace "
            "AND t.id = m.team WHERE m.workspace = ?1 AND t.thresholds IS NOT NULL))";
  std::vector<Id> caps;
  writer.connection.each(query,
                         {writer.workspace, owner.id, static_cast<int>(ScopeKind::team),
                          static_cast<int>(ScopeKind::membership)},
                         [&](const Row& row) { caps.push_back(row.id(0)); });
  return caps;
}

// Returns what it was.
std::optional<PercentSet> write_default(Writer& writer, const ledger::Scope& owner,
                                        const std::optional<PercentSet>& wanted) {
  if (owner.kind == ScopeKind::workspace) {
    const auto before = of_workspace(writer.connection, writer.workspace);
    if (wanted)
      writer.connection.run(
          "INSERT INTO settings (workspace, name, value) VALUES (?1, ?2, ?3) ON CONFLICT "
          "(workspace, name) DO UPDATE SET value = excluded.value",
          {writer.workspace, kSetting, std::to_string(wanted->bits())});
    else
      writer.connection.run("DELETE FROM settings WHERE workspace = ?1 AND name = ?2",
                            {writer.workspace, kSetting});
    return before;
  }
  const auto before = of_team(writer, owner);
  std::optional<std::int64_t> bits;
  if (wanted) bits = wanted->bits();
  writer.connection.run("UPDATE teams SET thresholds = ?3 WHERE workspace = ?1 AND id = ?2",
                        {writer.workspace, owner.id, bits});
  return before;
}

}  // namespace

PercentSet workspace_thresholds(Sql& sql, const Id& workspace) {
  return of_workspace(sql, workspace).value_or(ledger::kDefaultThresholds);
}

PercentSet inherited_thresholds(Writer& writer, const ledger::Scope& scope) {
  std::optional<PercentSet> found;
  if (scope.kind == ScopeKind::team || scope.kind == ScopeKind::membership)
    found = of_team(writer, scope);
  if (!found) found = of_workspace(writer.connection, writer.workspace);
  return found.value_or(ledger::kDefaultThresholds);
}

Result<void> ChangeInBatch::set_thresholds(const ThresholdOwner& owner,
                                           const std::optional<PercentSet>& wanted,
                                           const Actor& actor, std::string_view reason) {
  writer_.flush();
  if (wanted &&
      (!wanted->has(ledger::kReachedPercent) || wanted->percents().size() > ledger::kMaxThresholds))
    return bad_thresholds();
  AuditEntry entry;
  entry.actor = actor;
  entry.action = "thresholds.set";
  entry.reason = reason;
  std::optional<PercentSet> before;
  if (owner.cap.is_zero()) {
    PURSER_ASSERT(owner.scope.kind == ScopeKind::workspace || owner.scope.kind == ScopeKind::team);
    entry.target = std::string(name(owner.scope.kind)) + "/" + scope_id_text(owner.scope);
    before = write_default(writer_, owner.scope, wanted);
    const PercentSet in_force = inherited_thresholds(writer_, owner.scope);
    for (const Id& cap : inheriting_caps(writer_, owner.scope))
      put_in_force(writer_, cap, in_force, false);
  } else {
    const ledger::Scope* scope = writer_.state.scope_of_cap.find(owner.cap);
    if (scope == nullptr)
      return Error{"unknown_cap", "There is no open cap " + to_text("cap", owner.cap) + ".",
                   Side::client};
    entry.target = cap_target(owner.cap);
    const CapEntry& cap = *writer_.state.scopes.find(*scope)->find(owner.cap);
    if (cap.own_thresholds) before = cap.cap.thresholds;
    const PercentSet inherited = inherited_thresholds(writer_, *scope);
    put_in_force(writer_, owner.cap, wanted.value_or(inherited), wanted.has_value());
  }
  entry.from = thresholds_json(before);
  entry.to = thresholds_json(wanted);
  writer_.wrote = true;
  writer_.audit(entry);
  return {};
}

}  // namespace purser::store
