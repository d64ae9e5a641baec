#include "purser/store/store.h"

#include <future>
#include <shared_mutex>

#include "backup.h"
#include "batcher.h"
#include "cycles.h"
#include "engine.h"
#include "json_text.h"
#include "sqlite/directory.h"
#include "sqlite/reader_pool.h"
#include "sqlite/schema.h"

namespace purser::store {

struct Store::Impl {
  Impl(DirectoryLock taken, std::unique_ptr<Connection> connection, const Id& id,
       const StoreOptions& options, Env& env)
      : lock(std::move(taken)),
        workspace(id),
        file(ledger_file(options.directory)),
        engine(std::move(connection), id, options, env),
        readers(file, options.readers, options.read_limit, env),
        writer_thread(options.writer_thread) {}

  // Members are destroyed from the last to the first: the lock goes when all else is closed.
  DirectoryLock lock;
  const Id workspace;
  const std::string file;
  mutable Engine engine;
  ReaderPool readers;
  const bool writer_thread;
  std::unique_ptr<Batcher> batcher;
};

namespace {

// The one workspace of the deployment, made on first open.
Id open_workspace(Connection& connection, Env& env) {
  Id workspace;
  connection.each("SELECT id FROM workspaces", {}, [&](const Row& row) { workspace = row.id(0); });
  if (!workspace.is_zero()) return workspace;
  workspace = make_id(env);
  const Instant now = env.utc_now();
  const audit::Hash zero{};
  connection.execute("BEGIN IMMEDIATE");
  connection.run(
      "INSERT INTO workspaces (id, name, zone, cycle_day, first_weekday, first_month, made_at) "
      "VALUES (?1, 'Workspace', 'UTC', 1, 1, 1, ?2)",
      {workspace, now});
  connection.run(
      "INSERT INTO progress (workspace, sequence, ledger_time, audit_sequence, audit_hash, "
      "digest_day, digest_count, digest_hash) VALUES (?1, 0, ?2, 0, ?3, ?4, 0, ?3)",
      {workspace, now, std::span<const std::uint8_t>(zero), day_of(now)});
  connection.execute("COMMIT");
  return workspace;
}

Result<std::unique_ptr<Connection>> open_writer(const std::string& file) {
  auto connection = std::make_unique<Connection>(file, Connection::Mode::write);
  connection->execute(
      "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = OFF;"
      // 64 MB between checkpoints, each of which keeps a commit waiting for some milliseconds. The
      // log's file shrinks back to twice that.
      "PRAGMA wal_autocheckpoint = 16000; PRAGMA journal_size_limit = 134217728;"
      "PRAGMA cache_size = -65536; PRAGMA temp_store = MEMORY;");
  if (auto migrated = migrate(*connection, file); !migrated) return migrated.error();
  return connection;
}

}  // namespace

Result<std::unique_ptr<Store>> Store::open(const StoreOptions& options, Env& env) {
  if (auto prepared = prepare_directory(options.directory); !prepared) return prepared.error();
  auto lock = DirectoryLock::take(options.directory);
  if (!lock) return lock.error();
  const std::string file = ledger_file(options.directory);
  try {
    auto connection = open_writer(file);
    if (!connection) return connection.error();
    const Id workspace = open_workspace(**connection, env);
    auto impl =
        std::make_unique<Impl>(std::move(*lock), std::move(*connection), workspace, options, env);
    impl->engine.start();
    Engine& engine = impl->engine;
    impl->batcher = std::make_unique<Batcher>(
        options.queue_limit, options.settle_linger, options.writer_thread,
        [&engine](std::vector<QueuedCommand>& batch) { engine.process(batch); });
    return std::unique_ptr<Store>(new Store(std::move(impl)));
  } catch (const SqlError& error) {
    return Error{"damaged",
                 "The ledger in " + file + " cannot be read (" + error.what() +
                     "). Restore a backup, or ask `purser verify` what is off.",
                 Side::us};
  }
}

Store::Store(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

Store::~Store() {
  impl_->batcher->stop();
  try {
    impl_->engine.end_epoch();
  } catch (const SqlError&) {
    // The next start finds an epoch without an end, as after a crash; nothing is lost.
  }
}

bool Store::submit(ReserveRequest&& request, Completion completion) {
  return impl_->batcher->submit(
      QueuedCommand(std::in_place_type<QueuedReserve>, std::move(request), std::move(completion)));
}

bool Store::submit(SettleRequest request, Completion completion) {
  return impl_->batcher->submit(
      QueuedCommand(std::in_place_type<QueuedSettle>, std::move(request), std::move(completion)));
}

bool Store::run_one_batch() { return impl_->batcher->run_one_batch(); }

Result<void> Store::change(const ChangeBody& body) { return run_change(body, false); }

Result<void> Store::run_change(const ChangeBody& body, bool accepts_clock) {
  std::promise<Result<void>> answer;
  // Without a writer's thread, who waits works: also for a place in the queue.
  while (!impl_->writer_thread && impl_->batcher->run_one_batch()) {
  }
  const bool queued = impl_->batcher->submit(
      QueuedChange{body, [&answer](Result<void> outcome) { answer.set_value(std::move(outcome)); },
                   accepts_clock});
  if (!queued)
    return Error{"busy", "Too many changes are waiting for the ledger. Try again in a moment.",
                 Side::us};
  // It stands at the end of the queue.
  while (!impl_->writer_thread && impl_->batcher->run_one_batch()) {
  }
  return answer.get_future().get();
}

void Store::accept_clock(const Actor& actor, std::string_view reason) {
  const auto accepted = run_change(
      [&](Change& change) -> Result<void> {
        AuditEntry entry;
        entry.actor = actor;
        entry.action = "clock.accept";
        entry.target = "clock";
        entry.to = JsonObject().add("now", change.now()).text();
        entry.reason = reason;
        change.audit(entry);
        return {};
      },
      true);
  if (!accepted) throw SqlError(accepted.error().message);
}

void Store::read(const std::function<void(Sql&)>& body) { impl_->readers.read(body); }

Result<void> Store::backup(const std::string& file) { return back_up(impl_->file, file); }

const Id& Store::workspace() const { return impl_->workspace; }

bool Store::is_overspent(std::string_view model) const {
  const std::shared_lock lock(impl_->engine.mutex);
  return impl_->engine.state().overspent_models.published(std::string(model)) != nullptr;
}

std::shared_ptr<const Calendar> Store::calendar() const {
  const std::shared_lock lock(impl_->engine.mutex);
  return impl_->engine.state().published_calendar();
}

Instant Store::ledger_now() const { return impl_->engine.clock().read().now; }

bool Store::clock_in_doubt() const { return impl_->engine.clock().read().in_doubt; }

StoreCounters Store::counters() const {
  StoreCounters counters = impl_->engine.counters();
  counters.queue_length = impl_->batcher->length();
  return counters;
}

std::vector<CapStatus> Store::caps(const ledger::ScopeList& scopes) const {
  const Instant now = ledger_now();
  const std::shared_lock lock(impl_->engine.mutex);
  const LedgerState& state = impl_->engine.state();
  std::vector<CapStatus> found;
  for (const ledger::Scope& scope : scopes) {
    const ScopeEntry* entry = state.scopes.published(scope);
    if (entry == nullptr) continue;
    for (const CapEntry& cap : entry->caps)
      found.push_back({cap.cap, account_at(cap, *state.published_calendar(), now).account});
  }
  return found;
}

bool Store::is_current(const Id& key, std::int64_t identity_version) const {
  const std::shared_lock lock(impl_->engine.mutex);
  const std::int64_t* version = impl_->engine.state().identity_versions.published(key);
  return version != nullptr && *version == identity_version;
}

std::optional<PauseView> Store::find_pause(const ledger::ScopeList& scopes) const {
  const Instant now = ledger_now();
  const std::shared_lock lock(impl_->engine.mutex);
  const LedgerState& state = impl_->engine.state();
  PauseView view;
  for (const ledger::Scope& scope : scopes) {
    const ScopeEntry* entry = state.scopes.published(scope);
    if (entry == nullptr) continue;
    if (entry->stopped) return PauseView{true, scope, entry->stop_reason, {}};
    for (const CapEntry& cap : entry->caps) {
      if (cap.cap.enforcement != ledger::Enforcement::hard) continue;
      // The usual case first: an open account with room, without a copy of it.
      if (cap.latest && now < cap.latest->account.cycle_end && !cap.cap.temporary &&
          !cap.latest->account.paused())
        continue;
      const ledger::Account account = account_at(cap, *state.published_calendar(), now).account;
      if (!account.paused()) continue;
      if (view.accounts.empty() || account.remaining() < view.accounts.front().remaining()) {
        view.scope = scope;
        view.accounts.insert(view.accounts.begin(), account);
      } else {
        view.accounts.push_back(account);
      }
    }
  }
  if (view.accounts.empty()) return std::nullopt;
  return view;
}

}  // namespace purser::store
