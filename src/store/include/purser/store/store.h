// The store: one durable home of money, identity and audit (SQLite in `<directory>/ledger.db`).
//
// Threading: every method is thread-safe. Commands are queued and applied by one writer thread in
// batches: apply on copies, one transaction, COMMIT with fsync, publish, then the completions run,
// on the writer's thread; they must not block. A batch is what has queued while the last one was
// being committed; only where nothing but settles has queued, which nobody waits for, it waits a
// moment for more (StoreOptions::settle_linger). A failed COMMIT answers `not_durable` to all of
// its batch. Views (`caps`, `find_pause`, …) see what was last published and never wait for the
// disk.
//
// What is durable before its completion runs: everything. See DESIGN I1–I6, I8.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "purser/base/calendar.h"
#include "purser/base/env.h"
#include "purser/base/result.h"
#include "purser/ledger/apply.h"
#include "purser/store/events.h"
#include "purser/store/records.h"
#include "purser/store/sql.h"

namespace purser::store {

struct StoreOptions {
  std::string directory;
  std::size_t queue_limit = 8192;  // commands waiting; beyond it `submit_*` returns false
  std::size_t readers = 4;         // connections for reading
  Duration read_limit = std::chrono::seconds(30);
  bool command_log = false;
  // Accounts whose balances are written narrowly (see account_rows.h); some twenty pages.
  std::int64_t recent_balances = 4096;
  // Rows for holds to begin with (see hold_rows.h); there are more where more are open.
  std::size_t hold_rows = 256;

  // How long settles wait for a hold or a change to share its commit. A crash meanwhile settles
  // them in full, as it does those of answers that are still on their way.
  Duration settle_linger = std::chrono::milliseconds(1);

  // For tests on one thread: without it the owner calls `run_one_batch`, and `change` does it for
  // itself.
  bool writer_thread = true;
  // The disk failed while the ledger was being written, so the process must end: recovery decides
  // what is in the file. Does not return. Empty: says so and aborts. A test throws.
  std::function<void(const char* what)> on_disk_failure = nullptr;
};

struct CapStatus {
  ledger::Cap cap;
  ledger::Account account;  // of the cycle that contains now; spent 0 where none has opened
};

// Why a request under these scopes is refused before its body is read.
struct PauseView {
  bool stopped = false;  // else: paused
  ledger::Scope scope;
  std::string stop_reason;
  std::vector<ledger::Account> accounts;  // paused: every paused account of the scopes
};

struct Actor {
  Id user;           // zero: the system
  std::string name;  // as the audit trail shows it
};

struct AuditEntry {
  Actor actor;
  std::string action;  // "cap.set", "key.revoke"
  std::string target;  // "team/engineering"
  std::string from;    // JSON, or empty
  std::string to;      // JSON, or empty
  std::string reason;
};

struct CapSpec {
  ledger::Scope scope;
  Period period = Period::month;
  ledger::Enforcement enforcement = ledger::Enforcement::hard;
  Nanos limit;
  Id template_id;  // zero: none
};

// Whose thresholds are set: a cap's own, or else those of all caps of a team (its own and its
// memberships') or of the workspace that have none of their own.
struct ThresholdOwner {
  Id cap;
  ledger::Scope scope;  // without a cap: the workspace or a team
};

// One change of identity, caps or settings: runs on the writer's thread, inside the batch's
// transaction, within a savepoint. Returning an error (or throwing) undoes all of it.
class Change {
 public:
  virtual Sql& sql() = 0;
  virtual Instant now() = 0;
  virtual Id new_id() = 0;
  virtual const Id& workspace() = 0;
  // Every change writes at least one entry (I6).
  virtual void audit(const AuditEntry& entry) = 0;
  // Puts an event into the outbox; see events.h for what the store announces by itself.
  virtual void announce(const Event& event) = 0;
  // Says that the forecast lets this cap run out at that instant, before its cycle ends: once for
  // each cycle and limit; nothing of an ended cap. See alerts/early_pace.h.
  virtual void announce_running_out(const Id& cap, Instant at) = 0;
  // Makes the scope's cap of this period and enforcement, or changes its limit. Spent and held of a
  // new cap come from the books. Audited here. Errors: too_many_caps, not_possible.
  virtual Result<Id> set_cap(const CapSpec& spec, const Actor& actor, std::string_view reason) = 0;
  // Falls back from raises whose time is over, `most` of them; gives how many. What touches such a
  // cap does it too, but nothing may touch it for long, and people have to hear of it. Audited
  // here.
  virtual std::size_t end_lapsed_raises(std::size_t most) = 0;
  // None: what is inherited holds again. A threshold that spent has passed already alerts from the
  // next cycle or limit on. Audited here. Errors: bad_thresholds, unknown_cap.
  virtual Result<void> set_thresholds(const ThresholdOwner& owner,
                                      const std::optional<ledger::PercentSet>& wanted,
                                      const Actor& actor, std::string_view reason) = 0;
  // EndCap, Raise, EndRaise, Reallocate, Stop, Resume, ClearOverspend (see `clear_overspend`).
  // Audited here.
  virtual Result<ledger::Outcome> apply(const ledger::Command& command, const Actor& actor,
                                        std::string_view reason) = 0;
  // Books an adjustment, so that the usage costs exactly this, and clears its `unconfirmed`.
  // Audited here. Errors: not_possible.
  virtual Result<ledger::Outcome> correct_usage(const Id& request, Nanos exact_cost,
                                                const Actor& actor, std::string_view reason) = 0;
  virtual Result<void> clear_overspend(std::string_view price_id, const Actor& actor,
                                       std::string_view reason) = 0;
  // Makes every reserve that carries an older identity version of this key stale. Call it for a key
  // that this change has inserted, too: until then the store does not know the key, and its
  // reserves are stale. For a deleted key it makes the store forget it.
  virtual void raise_identity_version(const Id& key) = 0;
  // The calendar's settings were changed in `workspaces`; open cycles keep their bounds. A zone
  // that does not exist undoes the change (unknown_zone, …).
  virtual void reload_settings() = 0;

 protected:
  ~Change() = default;
};

struct StoreCounters {
  std::uint64_t commits = 0, commands = 0, failed_commits = 0, queue_length = 0, holds_open = 0;
  std::uint64_t largest_batch = 0;
  std::uint64_t refusals = 0;
  std::uint64_t expired_at_start = 0;
  Nanos overspend_total;
};

class Store {
 public:
  // Opens or makes the database, takes the lock, migrates, begins an epoch and settles in full
  // (`unconfirmed`) the holds of dead epochs. Errors: locked (with the pid), newer_file,
  // not_upgraded, damaged.
  static Result<std::unique_ptr<Store>> open(const StoreOptions& options, Env& env);
  ~Store();  // drains the queue, ends the epoch

  using Completion = std::function<void(CommandResult&&)>;
  [[nodiscard]] bool submit(ReserveRequest&& request, Completion completion);
  [[nodiscard]] bool submit(SettleRequest request, Completion completion);

  using ChangeBody = std::function<Result<void>(Change&)>;
  // Without a writer's thread: works off what has queued. False where nothing has. What
  // `on_disk_failure` throws comes out here; after that the store takes nothing more.
  bool run_one_batch();

  // Blocks until durable. Not from an io thread. Errors: what the body returned, not_durable, busy.
  Result<void> change(const ChangeBody& body);

  // Runs on the caller's thread with a reader's connection and a snapshot; throws SqlError, also
  // when `read_limit` passes. Not from an io thread.
  void read(const std::function<void(Sql&)>& body);

  const Id& workspace() const;
  std::vector<CapStatus> caps(const ledger::ScopeList& scopes) const;
  std::optional<PauseView> find_pause(const ledger::ScopeList& scopes) const;
  // By its price's id ("openai/gpt-5"), which all names of one model share: its bounds are doubled.
  bool is_overspent(std::string_view price_id) const;
  // Whether a reserve with this identity version of a key would not be stale.
  bool is_current(const Id& key, std::int64_t identity_version) const;
  std::shared_ptr<const Calendar> calendar() const;
  Instant ledger_now() const;
  bool clock_in_doubt() const;
  // Blocks until durable, as `change` does; throws SqlError where it could not be written.
  void accept_clock(const Actor& actor, std::string_view reason);
  StoreCounters counters() const;

  // A consistent copy, made while the store runs. Errors: cannot_write.
  Result<void> backup(const std::string& file);

 private:
  struct Impl;
  Result<void> run_change(const ChangeBody& body, bool accepts_clock);
  explicit Store(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

// The same for the command line, from another process: a reader's connection to the ledger of this
// data directory, whether a `serve` runs on it or not. Errors: no_ledger, cannot_write (also where
// the file exists).
Result<void> backup(const std::string& directory, const std::string& file);

// Recomputes I4, costs-in-rollups and the audit chain from a file and says what is off; empty:
// clean. The file may be in use by nobody, or a backup.
struct VerifyReport {
  std::vector<std::string> problems;
  std::uint64_t accounts = 0, usages = 0, holds = 0, audit_entries = 0;
  std::string audit_head;  // hex of the last entry's hash
};
Result<VerifyReport> verify(const std::string& directory_or_file);

}  // namespace purser::store
