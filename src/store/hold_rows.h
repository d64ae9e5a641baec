// The rows of `hold_rows`, each in a slot. A settle writes its usage, and leaves the row of its
// hold for a later hold to go over (see schema_holds.cpp). Slots are taken in turn, so that the
// holds of a batch stand beside one another. There are twice as many as open holds or more, and
// half as many once a burst is over.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "ledger_state.h"
#include "sqlite/connection.h"

namespace purser::store {

class HoldRows {
 public:
  // `fewest`: slots to begin with.
  HoldRows(Connection& connection, const Id& workspace, std::size_t fewest);
  void insert(HoldEntry& hold);              // gives it its slot
  void set_accounts(const HoldEntry& hold);  // to what it now stands in
  void end(const HoldEntry& hold);           // its usage was written
  // What is open, after what was read from the file or rolled back.
  void take_slots(const Layered<Id, HoldEntry>& open);
  // Where none is open: no row is needed.
  void clear();

 private:
  std::int64_t next_slot();
  void halve_if_free();

  const Id workspace_;
  std::unique_ptr<Statement> insert_, set_accounts_, remove_;
  const std::size_t fewest_;
  std::vector<bool> is_open_;  // by slot, from 1
  std::size_t open_ = 0;
  std::size_t last_ = 0;  // the slot given last
};

void each_hold(
    Connection& connection, const Id& workspace,
    const std::function<void(HoldBody, std::int64_t slot, const std::vector<AccountKey>&)>& take);

}  // namespace purser::store
