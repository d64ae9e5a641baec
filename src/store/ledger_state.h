// The ledger's state in memory: scopes with their open caps and current accounts, older accounts
// that still have holds, open holds, identity versions, overspent models. It is a copy of the
// file, never ahead of it for a reader: the writer changes the upper layer, and `publish` runs
// after COMMIT under the store's lock.
#pragma once

#include <boost/container/static_vector.hpp>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "account_ref.h"
#include "layered.h"
#include "purser/base/calendar.h"
#include "purser/ledger/account.h"
#include "purser/store/records.h"
#include "sqlite/connection.h"

namespace purser::store {

// Why an account may stand above its limit (I1's exceptions); bits, stored. They go when it fits
// again.
enum Excess : std::uint8_t {
  kLimitChanged = 1,  // set, lowered, ended raise, or a cap made above what was spent already
  kAdjusted = 2,
  kOverspent = 4,
};

// What an account's row says, but for its balances.
struct AccountRow {
  std::int64_t number = 0;  // 0: it has none yet
  Nanos limit;
  std::uint32_t limit_version = 0;
  ledger::PercentSet crossed;
  bool ended = false;
  std::uint8_t excess = 0;

  bool operator==(const AccountRow&) const = default;
};

struct AccountEntry {
  ledger::Account account;
  std::uint8_t excess = 0;
  Nanos carried;                      // from the books, when the cap was made in mid-cycle
  std::uint64_t opened_sequence = 0;  // the command that opened it
  bool saved = false;                 // the file says what this does
  AccountRow row;                     // as the file has it

  // What its row has to say, under the number that it has.
  AccountRow row_now() const {
    return {row.number,      account.limit, account.limit_version,
            account.crossed, account.ended, excess};
  }
  AccountRef ref() const { return {account.scope, {account.cap, account.cycle_start}}; }
  // After a command: notes why it is above its limit, or that it no longer is.
  void note_excess(std::uint8_t cause);
};

struct CapEntry {
  ledger::Cap cap;
  Id template_id;
  bool own_thresholds = false;         // else its team's, else the workspace's
  std::optional<AccountEntry> latest;  // of the newest cycle that was opened
};

struct ScopeEntry {
  bool stopped = false;
  std::string stop_reason;
  std::uint32_t open_caps = 0;  // as the scope's row says; the ledger checks it
  std::uint64_t version = 0;
  boost::container::static_vector<CapEntry, ledger::kMaxCapsOfScope> caps;  // the open ones

  CapEntry* find(const Id& cap);
  const CapEntry* find(const Id& cap) const;
};

// What does not change while a hold is open.
struct HoldBody {
  Id request;
  std::int64_t epoch = 0;
  std::uint64_t sequence = 0;
  Nanos amount;
  std::uint8_t form = 0;
  Instant reserved_at;
  Attribution attribution;
  std::string price_id;
  std::string price_version;
  std::string explanation;
};

struct HoldEntry {
  std::shared_ptr<const HoldBody> body;
  AccountRefs accounts;
  std::int64_t slot = 0;  // of its row, from 1
};

class LedgerState {
 public:
  Layered<ledger::Scope, ScopeEntry> scopes;
  Layered<Id, ledger::Scope> scope_of_cap;  // open caps
  Layered<AccountKey, AccountEntry> older_accounts;
  Layered<Id, HoldEntry> holds;
  Layered<Id, std::int64_t> identity_versions;
  Layered<std::string, bool> overspent_models;  // present: its bounds are doubled
  std::shared_ptr<const Calendar> calendar;     // the batch's; published with the rest

  // Reads all of it from the file. Throws SqlError.
  void load(Connection& connection, const Id& workspace);
  void publish();
  void discard();

  // Of the batch, to undo one change in it.
  struct Changes;
  std::shared_ptr<Changes> checkpoint() const;
  void restore(const Changes& changes);

  std::shared_ptr<const Calendar> published_calendar() const { return published_calendar_; }

 private:
  void load_scopes(Connection& connection, const Id& workspace);
  void load_caps(Connection& connection, const Id& workspace);
  void load_holds(Connection& connection, const Id& workspace);
  void load_accounts_of(Connection& connection, const Id& workspace, HoldEntry& hold,
                        const std::vector<AccountKey>& keys);
  std::shared_ptr<const Calendar> published_calendar_;
};

// The calendar of the workspace's settings. Errors: those of Calendar::make.
Result<Calendar> load_calendar(Sql& sql, const Id& workspace);

// One account's row with its cap's scope; nothing where there is none.
std::optional<AccountEntry> load_account(Connection& connection, const Id& workspace,
                                         const AccountKey& key);

}  // namespace purser::store
