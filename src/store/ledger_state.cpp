#include "ledger_state.h"

#include <algorithm>
#include <vector>

#include "hold_rows.h"
#include "purser/base/check.h"
#include "purser/ledger/apply.h"

namespace purser::store {
namespace {

// `accounts a` joined with `caps c`, in the order that read_account takes.
std::string account_query(std::string_view where) {
  return "SELECT a.cap, c.scope_kind, c.scope_id, c.period, c.enforcement, a.cycle_start, "
         "a.cycle_end, a.limit_nanos, a.limit_version, a.spent_nanos, a.held_nanos, a.crossed, "
         "a.ended, a.excess, a.carried_nanos, a.opened_sequence, a.number, c.thresholds FROM "
         "accounts a "
         "JOIN caps c ON c.workspace = a.workspace AND c.id = a.cap WHERE " +
         std::string(where);
}

ledger::PercentSet percents_in(const Row& row, int column) {
  return ledger::PercentSet::from_bits(static_cast<std::uint32_t>(row.integer(column)));
}

AccountEntry read_account(const Row& row) {
  AccountEntry entry;
  ledger::Account& account = entry.account;
  account.cap = row.id(0);
  account.scope = {static_cast<ledger::ScopeKind>(row.integer(1)), row.id(2)};
  account.period = static_cast<Period>(row.integer(3));
  account.enforcement = static_cast<ledger::Enforcement>(row.integer(4));
  account.cycle_start = row.instant(5);
  account.cycle_end = row.instant(6);
  account.limit = row.nanos(7);
  account.limit_version = static_cast<std::uint32_t>(row.integer(8));
  account.spent = row.nanos(9);
  account.held = row.nanos(10);
  account.crossed = percents_in(row, 11);
  account.ended = row.boolean(12);
  entry.excess = static_cast<std::uint8_t>(row.integer(13));
  entry.carried = row.nanos(14);
  entry.opened_sequence = static_cast<std::uint64_t>(row.integer(15));
  entry.saved = true;
  entry.row.number = row.integer(16);
  entry.row = entry.row_now();
  account.thresholds = percents_in(row, 17);
  return entry;
}

}  // namespace

void AccountEntry::note_excess(std::uint8_t cause) {
  excess =
      ledger::within_limit(account) ? std::uint8_t{0} : static_cast<std::uint8_t>(excess | cause);
}

CapEntry* ScopeEntry::find(const Id& cap) {
  const auto entry =
      std::find_if(caps.begin(), caps.end(), [&](const CapEntry& e) { return e.cap.id == cap; });
  return entry == caps.end() ? nullptr : &*entry;
}

const CapEntry* ScopeEntry::find(const Id& cap) const {
  return const_cast<ScopeEntry*>(this)->find(cap);
}

struct LedgerState::Changes {
  Layered<ledger::Scope, ScopeEntry>::Changes scopes;
  Layered<Id, ledger::Scope>::Changes scope_of_cap;
  Layered<AccountKey, AccountEntry>::Changes older_accounts;
  Layered<Id, HoldEntry>::Changes holds;
  Layered<Id, std::int64_t>::Changes identity_versions;
  Layered<std::string, bool>::Changes overspent_models;
  std::shared_ptr<const Calendar> calendar;
};

std::shared_ptr<LedgerState::Changes> LedgerState::checkpoint() const {
  return std::make_shared<Changes>(
      Changes{scopes.changes(), scope_of_cap.changes(), older_accounts.changes(), holds.changes(),
              identity_versions.changes(), overspent_models.changes(), calendar});
}

void LedgerState::restore(const Changes& changes) {
  scopes.restore(changes.scopes);
  scope_of_cap.restore(changes.scope_of_cap);
  older_accounts.restore(changes.older_accounts);
  holds.restore(changes.holds);
  identity_versions.restore(changes.identity_versions);
  overspent_models.restore(changes.overspent_models);
  calendar = changes.calendar;
}

void LedgerState::publish() {
  scopes.publish();
  scope_of_cap.publish();
  older_accounts.publish();
  holds.publish();
  identity_versions.publish();
  overspent_models.publish();
  published_calendar_ = calendar;
}

void LedgerState::discard() {
  scopes.discard();
  scope_of_cap.discard();
  older_accounts.discard();
  holds.discard();
  identity_versions.discard();
  overspent_models.discard();
  calendar = published_calendar_;
}

void LedgerState::load(Connection& connection, const Id& workspace) {
  scopes.clear();
  scope_of_cap.clear();
  older_accounts.clear();
  holds.clear();
  identity_versions.clear();
  overspent_models.clear();
  auto loaded = load_calendar(connection, workspace);
  if (!loaded) throw SqlError(loaded.error().message);
  calendar = std::make_shared<const Calendar>(*loaded);
  load_scopes(connection, workspace);
  load_caps(connection, workspace);
  connection.each("SELECT id, identity_version FROM keys WHERE workspace = ?1", {workspace},
                  [&](const Row& row) { identity_versions.put(row.id(0), row.integer(1)); });
  connection.each("SELECT model FROM model_overspends WHERE workspace = ?1 AND open = 1",
                  {workspace},
                  [&](const Row& row) { overspent_models.put(std::string(row.text(0)), true); });
  load_holds(connection, workspace);
}

void LedgerState::load_scopes(Connection& connection, const Id& workspace) {
  connection.each(
      "SELECT kind, id, open_caps, version, stopped, stop_reason FROM scopes WHERE workspace = ?1",
      {workspace}, [&](const Row& row) {
        ScopeEntry entry;
        entry.open_caps = static_cast<std::uint32_t>(row.integer(2));
        entry.version = static_cast<std::uint64_t>(row.integer(3));
        entry.stopped = row.boolean(4);
        entry.stop_reason = row.text(5);
        scopes.put({static_cast<ledger::ScopeKind>(row.integer(0)), row.id(1)}, std::move(entry));
      });
}

void LedgerState::load_caps(Connection& connection, const Id& workspace) {
  connection.each(
      "SELECT id, scope_kind, scope_id, period, enforcement, limit_nanos, temporary_limit_nanos, "
      "temporary_until, limit_version, template, thresholds, own_thresholds FROM caps WHERE "
      "workspace = ?1 AND ended_at IS "
      "NULL",
      {workspace}, [&](const Row& row) {
        CapEntry entry;
        ledger::Cap& cap = entry.cap;
        cap.id = row.id(0);
        cap.scope = {static_cast<ledger::ScopeKind>(row.integer(1)), row.id(2)};
        cap.period = static_cast<Period>(row.integer(3));
        cap.enforcement = static_cast<ledger::Enforcement>(row.integer(4));
        cap.limit = row.nanos(5);
        if (!row.is_null(6)) cap.temporary = ledger::TemporaryLimit{row.nanos(6), row.instant(7)};
        cap.limit_version = static_cast<std::uint32_t>(row.integer(8));
        entry.template_id = row.id(9);
        cap.thresholds = percents_in(row, 10);
        entry.own_thresholds = row.boolean(11);
        scope_of_cap.put(cap.id, cap.scope);
        // A file that was damaged is told of, not an invariant of ours.
        if (scopes.find(cap.scope) == nullptr)
          throw SqlError("a cap's scope is not in the file: " + to_text("cap", cap.id));
        scopes.edit(cap.scope).caps.push_back(std::move(entry));
      });
  connection.each(account_query("a.workspace = ?1 AND c.ended_at IS NULL AND a.cycle_start = "
                                "(SELECT MAX(n.cycle_start) FROM accounts n WHERE n.workspace = "
                                "a.workspace AND n.cap = a.cap)"),
                  {workspace}, [&](const Row& row) {
                    AccountEntry entry = read_account(row);
                    CapEntry* cap = scopes.edit(entry.account.scope).find(entry.account.cap);
                    PURSER_ASSERT(cap != nullptr);
                    cap->latest = std::move(entry);
                  });
}

void LedgerState::load_holds(Connection& connection, const Id& workspace) {
  each_hold(connection, workspace,
            [&](HoldBody body, std::int64_t slot, const std::vector<AccountKey>& keys) {
              HoldEntry hold;
              hold.slot = slot;
              const Id request = body.request;
              hold.body = std::make_shared<const HoldBody>(std::move(body));
              load_accounts_of(connection, workspace, hold, keys);
              holds.put(request, std::move(hold));
            });
}

void LedgerState::load_accounts_of(Connection& connection, const Id& workspace, HoldEntry& hold,
                                   const std::vector<AccountKey>& keys) {
  for (const AccountKey& key : keys) {
    const ledger::Scope* scope = scope_of_cap.find(key.cap);
    if (scope != nullptr) {
      const CapEntry* cap = scopes.find(*scope)->find(key.cap);
      if (cap->latest && cap->latest->account.cycle_start == key.cycle_start) {
        hold.accounts.push_back({*scope, key});
        continue;
      }
    }
    if (older_accounts.find(key) == nullptr) {
      auto entry = load_account(connection, workspace, key);
      if (!entry) throw SqlError("a hold names an account that is not there");
      older_accounts.put(key, std::move(*entry));
    }
    hold.accounts.push_back({older_accounts.find(key)->account.scope, key});
  }
}

Result<Calendar> load_calendar(Sql& sql, const Id& workspace) {
  CalendarSettings settings;
  sql.each("SELECT zone, cycle_day, first_weekday, first_month FROM workspaces WHERE id = ?1",
           {workspace}, [&](const Row& row) {
             settings.zone = row.text(0);
             settings.cycle_day = static_cast<int>(row.integer(1));
             settings.first_weekday = static_cast<int>(row.integer(2));
             settings.first_month_of_fiscal_year = static_cast<int>(row.integer(3));
           });
  return Calendar::make(settings);
}

std::optional<AccountEntry> load_account(Connection& connection, const Id& workspace,
                                         const AccountKey& key) {
  std::optional<AccountEntry> entry;
  connection.each(account_query("a.workspace = ?1 AND a.cap = ?2 AND a.cycle_start = ?3"),
                  {workspace, key.cap, key.cycle_start},
                  [&](const Row& row) { entry = read_account(row); });
  return entry;
}

}  // namespace purser::store
