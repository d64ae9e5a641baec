// The rows of `holds`.
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "ledger_state.h"
#include "sqlite/connection.h"

namespace purser::store {

class HoldRows {
 public:
  HoldRows(Connection& connection, const Id& workspace);
  void insert(const HoldEntry& hold);
  void erase(const HoldEntry& hold);
  void set_accounts(const HoldEntry& hold);  // to what it now stands in

 private:
  const Id workspace_;
  std::unique_ptr<Statement> insert_, erase_, set_accounts_;
};

void each_hold(Connection& connection, const Id& workspace,
               const std::function<void(HoldBody, const std::vector<AccountKey>&)>& take);

}  // namespace purser::store
