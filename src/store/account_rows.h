// The rows of accounts. A request changes balances alone, and those are written narrowly: to
// `recent_balances`, which holds the accounts used lately on a few pages, however many there are.
// Beyond its bound, balances go back to the accounts' own rows, as many in a batch as came in.
#pragma once

#include <cstdint>
#include <memory>

#include "ledger_state.h"
#include "sqlite/connection.h"

namespace purser::store {

class AccountRows {
 public:
  // `most`: of recent_balances.
  AccountRows(Connection& connection, const Id& workspace, std::int64_t most);

  // Makes the file say what `entry` does.
  void save(AccountEntry& entry);
  // Once a batch, after the last `save`.
  void keep_bound();
  // That no balance is of an account that is not there. Throws SqlError.
  void check();
  // After rows were read, or taken back by a rollback.
  void recount();

 private:
  void save_row(AccountEntry& entry);
  void save_balance(const AccountEntry& entry);

  Connection& connection_;
  const Id workspace_;
  const std::int64_t most_;
  std::unique_ptr<Statement> add_row_, update_row_, add_recent_, update_recent_, remove_recent_;
  std::unique_ptr<Statement> next_recent_, set_balance_;
  std::int64_t recent_ = 0;        // rows of recent_balances
  std::int64_t last_removed_ = 0;  // they leave in the order of their numbers, round and round
};

}  // namespace purser::store
