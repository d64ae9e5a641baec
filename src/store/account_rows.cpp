#include "account_rows.h"

#include <vector>

#include "purser/base/check.h"

namespace purser::store {

AccountRows::AccountRows(Connection& connection, const Id& workspace, std::int64_t most)
    : connection_(connection),
      workspace_(workspace),
      most_(most),
      add_row_(connection.prepare(
          "INSERT INTO account_rows (workspace, cap, cycle_start, cycle_end, limit_nanos, "
          "limit_version, spent_nanos, held_nanos, crossed, ended, excess, carried_nanos, "
          "opened_sequence) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13) ON "
          "CONFLICT DO UPDATE SET limit_nanos = ?5, limit_version = ?6, spent_nanos = ?7, "
          "held_nanos = ?8, crossed = ?9, ended = ?10, excess = ?11 RETURNING number")),
      update_row_(connection.prepare(
          "UPDATE account_rows SET limit_nanos = ?4, limit_version = ?5, spent_nanos = ?6, "
          "held_nanos = ?7, crossed = ?8, ended = ?9, excess = ?10 WHERE number = ?1 AND cap = ?2 "
          "AND cycle_start = ?3")),
      add_recent_(connection.prepare(
          "INSERT INTO recent_balances (account, spent_nanos, held_nanos) VALUES (?1, ?2, ?3)")),
      update_recent_(connection.prepare(
          "UPDATE recent_balances SET spent_nanos = ?2, held_nanos = ?3 WHERE account = ?1")),
      remove_recent_(connection.prepare("DELETE FROM recent_balances WHERE account = ?1")),
      next_recent_(
          connection.prepare("SELECT account, spent_nanos, held_nanos FROM recent_balances WHERE "
                             "account > ?1 ORDER BY account LIMIT ?2")),
      set_balance_(connection.prepare(
          "UPDATE account_rows SET spent_nanos = ?2, held_nanos = ?3 WHERE number = ?1")) {}

void AccountRows::save(AccountEntry& entry) {
  if (entry.row.number != 0 && entry.row == entry.row_now())
    save_balance(entry);
  else
    save_row(entry);
  entry.saved = true;
}

void AccountRows::save_balance(const AccountEntry& entry) {
  const ledger::Account& account = entry.account;
  if (update_recent_->run({entry.row.number, account.spent, account.held}) == 1) return;
  add_recent_->run({entry.row.number, account.spent, account.held});
  ++recent_;
}

void AccountRows::save_row(AccountEntry& entry) {
  const ledger::Account& account = entry.account;
  if (entry.row.number == 0) {
    add_row_->each({workspace_, account.cap, account.cycle_start, account.cycle_end, account.limit,
                    account.limit_version, account.spent, account.held, account.crossed.bits(),
                    account.ended, static_cast<int>(entry.excess), entry.carried,
                    static_cast<std::int64_t>(entry.opened_sequence)},
                   [&](const Row& row) { entry.row.number = row.integer(0); });
  } else {
    const auto updated =
        update_row_->run({entry.row.number, account.cap, account.cycle_start, account.limit,
                          account.limit_version, account.spent, account.held,
                          account.crossed.bits(), account.ended, static_cast<int>(entry.excess)});
    PURSER_ASSERT(updated == 1);
  }
  recent_ -= remove_recent_->run({entry.row.number});
  entry.row = entry.row_now();
}

void AccountRows::keep_bound() {
  struct Balance {
    std::int64_t account;
    Nanos spent, held;
  };
  while (recent_ > most_) {
    std::vector<Balance> leaving;
    next_recent_->each({last_removed_, recent_ - most_}, [&](const Row& row) {
      leaving.push_back({row.integer(0), row.nanos(1), row.nanos(2)});
    });
    if (leaving.empty()) {
      PURSER_ASSERT(last_removed_ != 0);  // else the count is wrong
      last_removed_ = 0;
      continue;
    }
    for (const Balance& balance : leaving) {
      const auto updated = set_balance_->run({balance.account, balance.spent, balance.held});
      PURSER_ASSERT(updated == 1);
      recent_ -= remove_recent_->run({balance.account});
    }
    last_removed_ = leaving.back().account;
  }
}

void AccountRows::check() {
  const auto lost = connection_.integer(
      "SELECT COUNT(*) FROM recent_balances WHERE account NOT IN (SELECT number FROM "
      "account_rows)");
  if (lost > 0) throw SqlError("balances of an account that is not there");
}

void AccountRows::recount() {
  recent_ = connection_.integer("SELECT COUNT(*) FROM recent_balances");
}

}  // namespace purser::store
