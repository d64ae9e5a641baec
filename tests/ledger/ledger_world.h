// A store as small as one can be, around `apply`, and beside it the model: plain 128-bit sums that
// know nothing of the ledger's code. Random commands go to both; what differs is an error.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "purser/ledger/apply.h"

namespace purser::ledger {

__extension__ typedef __int128 Wide;

// Numbers from one seed: a command is one of them, so that RapidCheck can shrink a sequence.
class Choices {
 public:
  explicit Choices(std::uint64_t seed) : state_(seed) {}
  std::uint64_t next();
  std::int64_t below(std::int64_t end) {
    return static_cast<std::int64_t>(next() % static_cast<std::uint64_t>(end));
  }
  bool one_in(std::int64_t n) { return below(n) == 0; }

 private:
  std::uint64_t state_;
};

struct Distribution {
  std::uint64_t commands = 0, granted = 0, refused = 0, settled = 0, settled_across_cycles = 0,
                lowered = 0, overspent = 0;
};

class LedgerWorld {
 public:
  LedgerWorld();
  // Each returns what is wrong, or nothing.
  std::string step(std::uint64_t command, Distribution& seen);
  std::string settle_everything(Distribution& seen);

 private:
  using Key = std::pair<Id, Instant>;  // cap, cycle start
  struct Model {
    Wide spent = 0, held = 0;
    bool may_be_above = false;  // an exception to I1 was booked and has not gone since
  };
  struct Hold {
    Nanos amount;
    std::vector<Key> accounts;
  };

  std::string reserve(Choices& choose, Distribution& seen);
  std::string check_reserve(const AccountSet& before, const AccountSet& after,
                            const Reserve& command, const Outcome& outcome);
  std::string settle(Choices& choose, Distribution& seen);
  std::string settle_one(std::size_t index, Nanos cost, bool expire, Distribution& seen);
  std::string change_cap(Choices& choose, Distribution& seen);
  std::string raise(Choices& choose);
  std::string reallocate(Choices& choose);
  std::string adjust(Choices& choose);
  std::string stop_or_resume(Choices& choose);
  void pass_time(Choices& choose);
  std::string put_back(const AccountSet& set, const Outcome& outcome, bool exception);
  std::string check_balances() const;
  AccountSet load_caps(std::vector<std::size_t> indices) const;

  Instant now_;
  std::vector<Scope> scopes_;
  std::map<Scope, bool> stopped_;
  std::vector<Cap> caps_;
  std::map<Id, Instant> current_;  // cap → its cycle's start
  std::map<Key, Account> accounts_;
  std::map<Key, Model> model_;
  std::vector<Hold> holds_;
  std::vector<std::pair<std::vector<Key>, Nanos>> usages_;  // still above zero, for adjustments
  std::set<std::tuple<Id, Instant, int, std::uint32_t>> alerts_;
};

}  // namespace purser::ledger
