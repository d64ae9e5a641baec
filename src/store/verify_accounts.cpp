#include <algorithm>

#include "purser/ledger/apply.h"
#include "scope_text.h"
#include "verify_parts.h"

namespace purser::store {
namespace {

std::string which(const AccountKey& key) {
  return "The account of cap " + to_text("cap", key.cap) + " from " +
         format_instant(key.cycle_start);
}

bool lists(const std::vector<AccountKey>& accounts, const AccountKey& key) {
  return std::find(accounts.begin(), accounts.end(), key) != accounts.end();
}

}  // namespace

AccountsCheck::AccountsCheck(Connection& connection, const Id& workspace, Problems& problems)
    : connection_(connection), workspace_(workspace), problems_(problems) {
  connection_.each(
      "SELECT a.cap, a.cycle_start, a.cycle_end, a.limit_nanos, a.limit_version, a.spent_nanos, "
      "a.held_nanos, a.excess, a.carried_nanos, a.opened_sequence, c.scope_kind, c.scope_id, "
      "c.enforcement FROM accounts a JOIN caps c ON c.workspace = a.workspace AND c.id = a.cap "
      "WHERE a.workspace = ?1",
      {workspace_}, [&](const Row& row) {
        const AccountKey key{row.id(0), row.instant(1)};
        Books& books = accounts_[key];
        books.account.cap = key.cap;
        books.account.cycle_start = key.cycle_start;
        books.account.cycle_end = row.instant(2);
        books.account.limit = row.nanos(3);
        books.account.limit_version = static_cast<std::uint32_t>(row.integer(4));
        books.account.spent = row.nanos(5);
        books.account.held = row.nanos(6);
        books.excess = row.integer(7) != 0;
        books.carried = row.nanos(8);
        books.opened_sequence = static_cast<std::uint64_t>(row.integer(9));
        books.account.scope = {static_cast<ledger::ScopeKind>(row.integer(10)), row.id(11)};
        books.account.enforcement = static_cast<ledger::Enforcement>(row.integer(12));
        by_scope_[books.account.scope].push_back(key);
      });
  const auto rows =
      connection_.integer("SELECT COUNT(*) FROM accounts WHERE workspace = ?1", {workspace_});
  if (static_cast<std::size_t>(rows) != accounts_.size())
    problems_.add("There are accounts without a cap.");
}

AccountsCheck::Books* AccountsCheck::find(const AccountKey& key, const std::string& in) {
  const auto found = accounts_.find(key);
  if (found != accounts_.end()) return &found->second;
  problems_.add(in + " counts in an account that is not there: cap " + to_text("cap", key.cap) +
                " from " + format_instant(key.cycle_start) + ".");
  return nullptr;
}

void AccountsCheck::take(const VerifiedUsage& usage) {
  const std::string name = "Usage " + to_text("req", usage.request);
  for (const AccountKey& key : usage.accounts)
    if (Books* books = find(key, name)) books->listed += usage.cost.count();
  // Caps that were made after it had settled took it from the books.
  for (const ledger::Scope& scope : scopes_of(workspace_, usage.who)) {
    const auto keys = by_scope_.find(scope);
    if (keys == by_scope_.end()) continue;
    for (const AccountKey& key : keys->second) {
      Books& books = accounts_.at(key);
      const Cycle cycle{books.account.cycle_start, books.account.cycle_end};
      if (!cycle.contains(usage.reserved_at) || usage.sequence >= books.opened_sequence) continue;
      if (lists(usage.accounts, key))
        problems_.add(name + " counts in an account that was opened after it had ended.");
      else
        books.before += usage.cost.count();
    }
  }
}

void AccountsCheck::take_adjustments() {
  connection_.each(
      "SELECT a.id, a.request, a.sequence, a.delta_nanos, a.accounts, u.sequence, u.reserved_at, "
      "u.user, u.team, u.membership, u.key, u.project, u.label, u.task FROM adjustments a LEFT "
      "JOIN usages u ON u.workspace = a.workspace AND u.request = a.request WHERE a.workspace = ?1",
      {workspace_}, [&](const Row& row) {
        const std::string name = "Adjustment " + to_text("adj", row.id(0));
        if (row.is_null(5)) {
          problems_.add(name + " is of a usage that is not there.");
          return;
        }
        const auto sequence = static_cast<std::uint64_t>(row.integer(2));
        const auto usage_sequence = static_cast<std::uint64_t>(row.integer(5));
        const std::int64_t delta = row.integer(3);
        const auto listed = decode_accounts(row.bytes(4));
        for (const AccountKey& key : listed)
          if (Books* books = find(key, name)) books->listed += delta;
        Attribution who;
        who.user = row.id(7);
        who.team = row.id(8);
        who.membership = row.id(9);
        who.key = row.id(10);
        who.project = row.id(11);
        who.label = row.id(12);
        who.task = row.id(13);
        for (const ledger::Scope& scope : scopes_of(workspace_, who)) {
          const auto keys = by_scope_.find(scope);
          if (keys == by_scope_.end()) continue;
          for (const AccountKey& key : keys->second) {
            Books& books = accounts_.at(key);
            const Cycle cycle{books.account.cycle_start, books.account.cycle_end};
            if (cycle.contains(row.instant(6)) && usage_sequence < books.opened_sequence &&
                sequence <= books.opened_sequence && !lists(listed, key))
              books.before += delta;
          }
        }
      });
}

void AccountsCheck::take_holds(VerifyReport& report) {
  connection_.each("SELECT request, amount_nanos, accounts FROM holds WHERE workspace = ?1",
                   {workspace_}, [&](const Row& row) {
                     ++report.holds;
                     const std::string name = "Hold " + to_text("req", row.id(0));
                     if (row.integer(1) < 0) problems_.add(name + " is below zero.");
                     for (const AccountKey& key : decode_accounts(row.bytes(2)))
                       if (Books* books = find(key, name)) books->held += row.integer(1);
                   });
}

void AccountsCheck::check(const AccountKey& key, const Books& books) {
  const ledger::Account& account = books.account;
  const Wide spent = books.listed + books.carried.count();
  if (spent != account.spent.count())
    problems_.add(which(key) + " says spent " + usd_text(account.spent.count()) +
                  ", but usage and adjustments make " + usd_text(spent) + ".");
  if (books.before != books.carried.count())
    problems_.add(which(key) + " began with " + usd_text(books.carried.count()) +
                  " from the books, which held " + usd_text(books.before) + ".");
  if (books.held != account.held.count())
    problems_.add(which(key) + " says held " + usd_text(account.held.count()) +
                  ", but open holds make " + usd_text(books.held) + ".");
  if (account.enforcement == ledger::Enforcement::hard && !ledger::within_limit(account) &&
      !books.excess)
    problems_.add(which(key) + " stands at " +
                  usd_text(static_cast<Wide>(account.spent.count()) + account.held.count()) +
                  ", above its limit of " + usd_text(account.limit.count()) +
                  ", and nothing on record says why.");
}

// A cap's newest account has the cap's limit; a scope's row counts its open caps.
void AccountsCheck::check_limits() {
  connection_.each(
      "SELECT c.id, a.cycle_start, a.limit_nanos, a.limit_version, c.limit_version, "
      "COALESCE(c.temporary_limit_nanos, c.limit_nanos) FROM caps c JOIN accounts a ON a.workspace "
      "= c.workspace AND a.cap = c.id WHERE c.workspace = ?1 AND a.cycle_start = (SELECT "
      "MAX(n.cycle_start) FROM accounts n WHERE n.workspace = c.workspace AND n.cap = c.id)",
      {workspace_}, [&](const Row& row) {
        if (row.integer(2) != row.integer(5) || row.integer(3) != row.integer(4))
          problems_.add(which({row.id(0), row.instant(1)}) + " has the limit " +
                        usd_text(row.integer(2)) + ", its cap " + usd_text(row.integer(5)) + ".");
      });
  connection_.each(
      "SELECT s.kind, s.id, s.open_caps, (SELECT COUNT(*) FROM caps c WHERE c.workspace = "
      "s.workspace AND c.scope_kind = s.kind AND c.scope_id = s.id AND c.ended_at IS NULL) AS "
      "there FROM scopes s WHERE s.workspace = ?1 AND s.open_caps <> there",
      {workspace_}, [&](const Row& row) {
        const ledger::Scope scope{static_cast<ledger::ScopeKind>(row.integer(0)), row.id(1)};
        problems_.add("Scope " + scope_id_text(scope) + " says " + std::to_string(row.integer(2)) +
                      " open caps, but has " + std::to_string(row.integer(3)) + ".");
      });
}

void AccountsCheck::finish(VerifyReport& report) {
  take_adjustments();
  take_holds(report);
  for (const auto& [key, books] : accounts_) check(key, books);
  check_limits();
  report.accounts += accounts_.size();
}

}  // namespace purser::store
