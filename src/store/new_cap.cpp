// A cap made in mid-cycle: what it would have spent and held, had it been there from the start of
// its cycle, comes from the books (I4).
#include "change.h"
#include "command_log.h"
#include "cycles.h"
#include "purser/base/check.h"
#include "scope_text.h"
#include "thresholds.h"

namespace purser::store {
namespace {

const char* books_of(ledger::ScopeKind kind) {
  using ledger::ScopeKind;
  // Cycles are cut at rollup buckets (see rollup_bucket), so the buckets of a cycle are the cycle.
  switch (kind) {
    case ScopeKind::workspace:
      return "SELECT SUM(cost_nanos) FROM rollups WHERE workspace = ?1 AND ?2 IS NOT NULL AND "
             "bucket >= ?3 AND bucket < ?4";
    case ScopeKind::team:
      return "SELECT SUM(cost_nanos) FROM rollups WHERE workspace = ?1 AND team = ?2 AND bucket >= "
             "?3 AND bucket < ?4";
    case ScopeKind::user:
      return "SELECT SUM(cost_nanos) FROM rollups WHERE workspace = ?1 AND user = ?2 AND bucket >= "
             "?3 AND bucket < ?4";
    case ScopeKind::membership:
      return "SELECT SUM(cost_nanos) FROM rollups WHERE workspace = ?1 AND membership = ?2 AND "
             "bucket >= ?3 AND bucket < ?4";
    case ScopeKind::project:
      return "SELECT SUM(cost_nanos) FROM rollups WHERE workspace = ?1 AND project = ?2 AND bucket "
             ">= ?3 AND bucket < ?4";
    case ScopeKind::key:
      return "SELECT SUM(cost_nanos) FROM rollups WHERE workspace = ?1 AND key = ?2 AND bucket >= "
             "?3 AND bucket < ?4";
    case ScopeKind::label:
      return "SELECT SUM(cost_nanos) FROM rollups WHERE workspace = ?1 AND label = ?2 AND bucket "
             ">= ?3 AND bucket < ?4";
    case ScopeKind::task:
      return "SELECT cost_nanos FROM tasks WHERE workspace = ?1 AND id = ?2 AND ?3 <= ?4";
  }
  return "";
}

bool falls_under(const Writer& writer, const HoldBody& hold, const ledger::Scope& scope) {
  for (const ledger::Scope& named : scopes_of(writer.workspace, hold.attribution))
    if (named == scope) return true;
  return false;
}

// The open holds of the scope that were reserved in the account's cycle get it into their lists.
Nanos join_open_holds(Writer& writer, const AccountEntry& account) {
  std::vector<Id> joining;
  Nanos held;
  writer.state.holds.each([&](const Id& request, const HoldEntry& hold) {
    const HoldBody& body = *hold.body;
    if (body.reserved_at < account.account.cycle_start ||
        !falls_under(writer, body, account.account.scope))
      return;
    joining.push_back(request);
    held += body.amount;
  });
  for (const Id& request : joining) {
    HoldEntry& hold = writer.state.holds.edit(request);
    hold.accounts.push_back(account.ref());
    writer.holds.set_accounts(hold);
  }
  return held;
}

}  // namespace

Nanos spent_from_books(Writer& writer, const ledger::Scope& scope, Instant from, Instant until) {
  writer.flush();
  return Nanos{
      writer.connection.integer(books_of(scope.kind), {writer.workspace, scope.id, from, until})};
}

ScopeEntry& edit_scope(Writer& writer, const ledger::Scope& scope) {
  if (writer.state.scopes.find(scope) == nullptr) writer.state.scopes.put(scope, {});
  return writer.state.scopes.edit(scope);
}

void save_scope(Writer& writer, const ledger::Scope& scope) {
  ScopeEntry& entry = writer.state.scopes.edit(scope);
  ++entry.version;
  writer.connection.run(
      "INSERT INTO scopes (workspace, kind, id, open_caps, version, stopped, stop_reason) VALUES "
      "(?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT DO UPDATE SET open_caps = ?4, version = ?5, "
      "stopped "
      "= ?6, stop_reason = ?7",
      {writer.workspace, static_cast<int>(scope.kind), scope.id, entry.open_caps,
       static_cast<std::int64_t>(entry.version), entry.stopped, entry.stop_reason});
  writer.wrote = true;
}

Result<Id> ChangeInBatch::make_cap(const CapSpec& spec, const Actor& actor,
                                   std::string_view reason) {
  CapEntry entry;
  ledger::Cap& cap = entry.cap;
  cap.id = new_id();
  cap.scope = spec.scope;
  cap.period = spec.period;
  cap.enforcement = spec.enforcement;
  cap.limit = spec.limit;
  cap.limit_version = 0;  // the ledger makes it the first
  cap.thresholds = inherited_thresholds(writer_, spec.scope);
  entry.template_id = spec.template_id;
  log_set_cap(writer_, cap.id, spec);

  AccountEntry account = account_at(entry, *writer_.state.calendar, writer_.now);
  account.opened_sequence = writer_.sequence();
  account.carried =
      spent_from_books(writer_, spec.scope, account.account.cycle_start, account.account.cycle_end);
  account.account.spent = account.carried;
  account.account.held = join_open_holds(writer_, account);
  ledger::AccountSet set;
  set.caps.push_back(cap);
  set.accounts.push_back(account.account);
  const auto outcome = ledger::apply(set, writer_.now, ledger::SetCap{cap.id, spec.limit});
  PURSER_ASSERT(outcome.decision == ledger::Decision::granted);

  writer_.connection.run(
      "INSERT INTO caps (workspace, id, scope_kind, scope_id, period, enforcement, limit_nanos, "
      "limit_version, template, made_at, thresholds) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, "
      "?10, ?11)",
      {writer_.workspace, cap.id, static_cast<int>(cap.scope.kind), cap.scope.id,
       static_cast<int>(cap.period), static_cast<int>(cap.enforcement), cap.limit,
       set.caps[0].limit_version, spec.template_id, writer_.now, cap.thresholds.bits()});
  cap = set.caps[0];
  ScopeEntry& scope = edit_scope(writer_, spec.scope);
  scope.caps.push_back(entry);
  ++scope.open_caps;
  writer_.state.scope_of_cap.put(cap.id, spec.scope);
  save_scope(writer_, spec.scope);
  account.account = set.accounts[0];
  account.note_excess(kLimitChanged);
  writer_.put_account(std::move(account));
  writer_.announce(outcome, set.accounts, {{}, actor.name, reason});
  audit_cap("cap.set", cap.id, {}, cap_json(cap), actor, reason);
  return cap.id;
}

}  // namespace purser::store
