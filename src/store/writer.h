// All that the writer's thread works with inside a batch: the connection, the state in memory, and
// one writer for each kind of row. Commands are functions over it (reserve.h, settle.h,
// change.cpp).
#pragma once

#include <cstdint>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "account_rows.h"
#include "audit_writer.h"
#include "event_rows.h"
#include "hold_rows.h"
#include "ledger_state.h"
#include "purser/ledger/apply.h"
#include "purser/store/store.h"
#include "rollup_writer.h"
#include "sqlite/connection.h"
#include "usage_rows.h"

namespace purser::store {

class Writer {
 public:
  Writer(Connection& connection, const Id& workspace, Env& env, const StoreOptions& options);

  Connection& connection;
  const Id workspace;
  Env& env;
  LedgerState state;
  Progress progress;
  HoldRows holds;
  UsageRows usages;
  RollupWriter rollups;
  AuditWriter audit_rows;
  EventRows events;

  std::int64_t epoch = 0;
  bool command_log = false;
  Instant now;         // ledger time of the command in hand
  bool wrote = false;  // the batch has something to commit
  Nanos overspend_in_batch;
  // Prices that lacked something a provider billed, as far as the audit trail has been told of them
  // since the start: once each, since each of their requests may be one. Bounded.
  std::set<std::string> unpriced_noted;

  std::uint64_t sequence() const { return progress.sequence; }
  EventRows::Moment moment() const { return {now, static_cast<std::int64_t>(sequence())}; }
  // Before each command: its number and its time.
  void begin_command(Instant ledger_now);
  void audit(const AuditEntry& entry);
  void log_command(std::string_view command, std::string_view inputs, std::string_view outcome);
  // With the setting command_log: what the command in hand did on its way, as JSON objects with
  // commas between; see command_log.h.
  std::string steps;

  // Puts an account into the state; its row follows with `flush`.
  void put_account(AccountEntry entry);
  // An account named by a hold; null where neither memory nor file has it.
  const AccountEntry* find_account(const AccountKey& key);

  // What the command crossed (I5), and pauses that it ended; accounts as the outcome counts them.
  void announce(const ledger::Outcome& outcome, std::span<const ledger::Account> accounts,
                const Cause& cause);
  // A limit in force that somebody changed, until an instant or for good, or a cap that ended.
  void announce_limit(const ledger::Account& account, Nanos old_limit, std::optional<Instant> until,
                      const Cause& cause);
  // Any other event; each is a new one.
  void announce_running_out(const ledger::Account& account, Instant at);
  void announce(const Event& event);
  // A model billed above its bound: its bounds are doubled from now on, and admins hear of it.
  void mark_overspent(const Id& request, const std::string& model, Nanos overspend);

  // Writes what is gathered in memory (accounts, rollups, tasks), so that SQL sees it.
  void flush();
  // The last thing before COMMIT.
  void finish_batch();
  void load();     // state and progress from the file
  void discard();  // what the batch has changed in memory

  // To undo one change within a batch. `flush` first.
  struct Checkpoint {
    std::shared_ptr<LedgerState::Changes> state;
    Progress progress;
    bool wrote;
  };
  Checkpoint checkpoint() const;
  void restore(const Checkpoint& checkpoint);

 private:
  void save_accounts();

  AccountRows account_rows_;
  // Whose rows are behind: the scopes of changed accounts (of what is not the latest, the map of
  // older ones tells). So that a change of many caps does not look at all of them for each.
  std::vector<ledger::Scope> unsaved_scopes_;
  bool has_unsaved_older_ = false;
};

// The system, as the audit trail names it.
Actor system_actor();

}  // namespace purser::store
