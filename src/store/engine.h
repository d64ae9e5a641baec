// The writer's thread at work: a batch of commands in one transaction, published after COMMIT.
#pragma once

#include <functional>
#include <memory>
#include <shared_mutex>
#include <vector>

#include "batcher.h"
#include "ledger_clock.h"
#include "sqlite/directory.h"
#include "writer.h"

namespace purser::store {

class Engine {
 public:
  Engine(std::unique_ptr<Connection> connection, const Id& workspace, const StoreOptions& options,
         Env& env);

  // Begins an epoch and settles the holds of dead ones in full. Before any batch.
  void start();
  void process(std::vector<QueuedCommand>& batch);
  void end_epoch();

  // For views: hold `mutex` shared, and read what is published.
  mutable std::shared_mutex mutex;
  const LedgerState& state() const { return writer_.state; }
  StoreCounters counters() const;
  LedgerClock& clock() { return clock_; }

 private:
  // What a command has to say once the batch is durable, or is not.
  struct Answer {
    Store::Completion* completion = nullptr;
    CommandResult result;
    QueuedChange* change = nullptr;
    Result<void> outcome;
  };
  void begin();
  Answer run(QueuedCommand& command);
  CommandResult run(const QueuedReserve& command, LedgerClock::Reading time);
  CommandResult run(const QueuedSettle& command);
  Result<void> run(const QueuedChange& command);
  Result<void> run_body(const QueuedChange& command);
  // Durable, or the process ends, or (false) nothing happened.
  bool commit();
  void fail_batch(const char* why);
  [[noreturn]] void give_up(const char* what);
  void publish(std::size_t batch_size);
  void begin_epoch();
  void expire_dead_holds();

  std::unique_ptr<Connection> connection_;
  Writer writer_;
  LedgerClock clock_;
  std::function<void(const char*)> on_disk_failure_;
  StoreCounters counters_;
};

}  // namespace purser::store
