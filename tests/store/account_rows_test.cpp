// The rows of accounts against a map: what the view `accounts` shows is what was saved last,
// however few balances may stand in narrow rows, and whatever a rollback takes away.
#include "account_rows.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <fstream>
#include <map>

#include "sqlite/connection.h"
#include "sqlite/schema.h"
#include "store_test_support.h"

namespace purser::store {
namespace {

constexpr std::int64_t kMost = 3;
constexpr int kAccounts = 8;

class AccountRowsWorld {
 public:
  AccountRowsWorld() {
    connection_.execute("PRAGMA journal_mode = MEMORY; PRAGMA synchronous = OFF");
    rows_.recount();
    for (int i = 0; i < kAccounts; ++i) {
      AccountEntry entry;
      entry.account.cap = make_id(env_);
      entry.account.cycle_end = kStart;
      entry.account.limit = usd(100);
      entries_.push_back(entry);
    }
  }

  // Some commands' worth of saves in a transaction, that ends either way.
  void batch(const std::vector<std::pair<int, int>>& saves, bool commits) {
    connection_.execute("BEGIN");
    const std::vector<AccountEntry> before = entries_;
    for (const auto& [which, amount] : saves) {
      AccountEntry& entry = entries_[static_cast<std::size_t>(which)];
      entry.account.spent += Nanos{amount};
      entry.account.held = Nanos{amount};
      if (amount % 5 == 0) entry.account.limit += usd(1);
      if (amount % 7 == 0) entry.excess ^= kAdjusted;
      rows_.save(entry);
    }
    rows_.keep_bound();
    if (commits) {
      connection_.execute("COMMIT");
    } else {
      connection_.execute("ROLLBACK");
      entries_ = before;
      rows_.recount();
    }
  }

  void check() {
    std::map<Id, std::array<std::int64_t, 4>> shown, saved;
    connection_.each(
        "SELECT cap, limit_nanos, spent_nanos, held_nanos, excess FROM accounts", {},
        [&](const Row& row) {
          shown[row.id(0)] = {row.integer(1), row.integer(2), row.integer(3), row.integer(4)};
        });
    for (const AccountEntry& entry : entries_)
      if (entry.row.number != 0)
        saved[entry.account.cap] = {entry.account.limit.count(), entry.account.spent.count(),
                                    entry.account.held.count(), entry.excess};
    RC_ASSERT(shown == saved);
    RC_ASSERT(recent() <= kMost);
  }

  std::int64_t recent() { return connection_.integer("SELECT COUNT(*) FROM recent_balances"); }

 private:
  std::string made() {
    std::ofstream{file_};
    return file_;
  }

  TempDirectory directory_;
  const std::string file_ = directory_.path() + "/a.db";
  ManualEnv env_{kStart, 7};
  Connection connection_{made(), Connection::Mode::write};
  // The rows' statements need the tables.
  const bool migrated_ = migrate(connection_, file_).ok();
  AccountRows rows_{connection_, Id{}, kMost};
  std::vector<AccountEntry> entries_;
};

RC_GTEST_PROP(AccountRows, ShowWhatWasSavedLast, ()) {
  AccountRowsWorld world;
  const auto batches = *rc::gen::inRange(1, 12);
  std::int64_t most_recent = 0;
  for (int i = 0; i < batches; ++i) {
    const auto saves = *rc::gen::container<std::vector<std::pair<int, int>>>(
        rc::gen::pair(rc::gen::inRange(0, kAccounts), rc::gen::inRange(1, 1000)));
    world.batch(saves, *rc::gen::inRange(0, 4) != 0);
    world.check();
    most_recent = std::max(most_recent, world.recent());
  }
  RC_CLASSIFY(most_recent == kMost, "reached the bound");
}

}  // namespace
}  // namespace purser::store
