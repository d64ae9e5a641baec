#include "audience.h"

#include <algorithm>

#include "purser/base/id.h"
#include "purser/store/settings.h"

namespace purser::alerts {
namespace {

using ledger::ScopeKind;
using store::EventKind;

// The numbers of identity::Role, as stored.
constexpr int kFinance = 2;

class Audience {
 public:
  Audience(store::Sql& sql, const Id& workspace) : sql_(sql), workspace_(workspace) {}

  // A service account's alerts go to its person.
  void add_user(const Id& user) {
    add("SELECT p.id, p.name, p.email FROM users u JOIN users p ON p.workspace = u.workspace AND "
        "p.id = COALESCE(u.alerts_to, u.id) WHERE u.workspace = ?1 AND u.id = ?2 AND p.deactivated "
        "IS NULL",
        user);
  }
  void add_leads_of_team(const Id& team) {
    add("SELECT p.id, p.name, p.email FROM memberships m JOIN users p ON p.workspace = m.workspace "
        "AND p.id = m.user_id WHERE m.workspace = ?1 AND m.team = ?2 AND m.ended IS NULL AND "
        "m.is_lead = 1 AND p.deactivated IS NULL ORDER BY p.id",
        team);
  }
  void add_leads_of_user(const Id& user) {
    add("SELECT p.id, p.name, p.email FROM memberships mine JOIN memberships m ON m.workspace = "
        "mine.workspace AND m.team = mine.team JOIN users p ON p.workspace = m.workspace AND p.id "
        "= m.user_id WHERE mine.workspace = ?1 AND mine.user_id = ?2 AND mine.ended IS NULL AND "
        "m.ended IS NULL AND m.is_lead = 1 AND p.deactivated IS NULL ORDER BY p.id",
        user);
  }
  void add_role(int role) {
    sql_.each(
        "SELECT id, name, email FROM users WHERE workspace = ?1 AND role = ?2 AND kind = 0 AND "
        "deactivated IS NULL ORDER BY id",
        {workspace_, role}, [&](const store::Row& row) { take(row); });
  }
  std::vector<Recipient> people;

 private:
  void add(const char* query, const Id& id) {
    sql_.each(query, {workspace_, id}, [&](const store::Row& row) { take(row); });
  }
  void take(const store::Row& row) {
    const Id id = row.id(0);
    const auto same = [&](const Recipient& person) { return person.user == id; };
    if (row.text(2).empty() || std::any_of(people.begin(), people.end(), same)) return;
    people.push_back({id, std::string(row.text(1)), std::string(row.text(2))});
  }

  store::Sql& sql_;
  const Id workspace_;
};

struct Owner {
  Id user, team;
};

// Whose a scope is.
Owner owner_of(store::Sql& sql, const Id& workspace, const ledger::Scope& scope) {
  Owner owner;
  const auto look = [&](const char* query) {
    sql.each(query, {workspace, scope.id}, [&](const store::Row& row) {
      owner.user = row.id(0);
      owner.team = row.id(1);
    });
  };
  switch (scope.kind) {
    case ScopeKind::user:
      owner.user = scope.id;
      break;
    case ScopeKind::team:
      owner.team = scope.id;
      break;
    case ScopeKind::membership:
      look("SELECT user_id, team FROM memberships WHERE workspace = ?1 AND id = ?2");
      break;
    case ScopeKind::key:
      look(
          "SELECT k.user_id, m.team FROM keys k LEFT JOIN memberships m ON m.workspace = "
          "k.workspace AND m.id = k.membership WHERE k.workspace = ?1 AND k.id = ?2");
      break;
    case ScopeKind::task:
      look("SELECT user, NULL FROM tasks WHERE workspace = ?1 AND id = ?2");
      break;
    default:
      break;
  }
  return owner;
}

}  // namespace

std::vector<Recipient> audience_of(store::Sql& sql, const Id& workspace, const StoredEvent& event) {
  Audience audience(sql, workspace);
  // Of a raise request: who may grant it hears of the asking and of its withdrawal, who asked of
  // the answer.
  if (event.kind == EventKind::raise_decided && event.text("decision") != "withdrawn") {
    if (const auto asker = parse_id("usr", event.text("asked_by"))) audience.add_user(*asker);
    return std::move(audience.people);
  }
  const Owner owner = owner_of(sql, workspace, event.scope);
  // Of a key, whose it is alone: an import of hundreds is no news to the admin who did it.
  if (event.kind == EventKind::key_made) {
    if (!owner.user.is_zero()) audience.add_user(owner.user);
    return std::move(audience.people);
  }
  const bool is_request =
      event.kind == EventKind::raise_asked || event.kind == EventKind::raise_decided;
  if (!is_request) {
    if (!owner.user.is_zero()) audience.add_user(owner.user);
    if (!owner.team.is_zero())
      audience.add_leads_of_team(owner.team);
    else if (!owner.user.is_zero())
      audience.add_leads_of_user(owner.user);
  }
  audience.add_role(kAdminRole);
  // Finance may not grant what is asked for.
  if (!is_request && store::is_setting_on(sql, workspace, "finance_alerts"))
    audience.add_role(kFinance);
  return std::move(audience.people);
}

std::vector<std::string> teams_of(store::Sql& sql, const Id& workspace,
                                  const ledger::Scope& scope) {
  std::vector<std::string> names;
  const auto take = [&](const store::Row& row) { names.emplace_back(row.text(0)); };
  const Owner owner = owner_of(sql, workspace, scope);
  if (!owner.team.is_zero())
    sql.each("SELECT name FROM teams WHERE workspace = ?1 AND id = ?2", {workspace, owner.team},
             take);
  else if (!owner.user.is_zero())
    sql.each(
        "SELECT t.name FROM memberships m JOIN teams t ON t.workspace = m.workspace AND t.id = "
        "m.team WHERE m.workspace = ?1 AND m.user_id = ?2 AND m.ended IS NULL",
        {workspace, owner.user}, take);
  return names;
}

}  // namespace purser::alerts
