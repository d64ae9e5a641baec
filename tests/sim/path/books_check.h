// The books against the account of the world outside: what was asked, what the provider billed.
#pragma once

#include <map>
#include <string>

#include "path/world.h"
#include "purser/ledger/scope.h"
#include "purser/store/store.h"

namespace purser::sim {

// I1 at every commit, from what is durable: no hard account above its limit, unless a limit was
// changed or a provider overspent since it last fitted.
class CapWatch {
 public:
  // `limits_changed`: an admin changed caps since the last look.
  std::string look(store::Store& store, bool limits_changed);

 private:
  std::map<std::pair<Id, std::int64_t>, bool> excused_;
  Nanos overspent_before_;
};

// I2: at the moment in which a request reaches the provider, its hold is durable.
bool has_hold_or_usage(store::Store& store, const std::string& mark);

// I2 to I4 once all has ended: each request against its row, each account against the rows. The
// first thing that is off, or nothing.
std::string check_books(store::Store& store, const World& world);

}  // namespace purser::sim
