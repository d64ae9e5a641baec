// The queue before the writer's thread. A batch is what has queued while the last one was being
// committed: what somebody waits for never lingers. A settle does, for a moment: its client has the
// answer already, and mostly the next hold comes right behind it, which would otherwise wait for a
// commit that it could have shared.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <functional>
#include <mutex>
#include <thread>
#include <variant>
#include <vector>

#include "purser/store/store.h"

namespace purser::store {

struct QueuedReserve {
  ReserveRequest request;
  Store::Completion completion;
};
struct QueuedSettle {
  SettleRequest request;
  Store::Completion completion;
};
struct QueuedChange {
  Store::ChangeBody body;
  std::function<void(Result<void>)> completion;
  bool accepts_clock = false;
};
using QueuedCommand = std::variant<QueuedReserve, QueuedSettle, QueuedChange>;

class Batcher {
 public:
  // More commands than this go into the next transaction: it bounds how long the first of a batch
  // waits for the last.
  static constexpr std::size_t kMaxBatch = 512;
  // So many settles are company enough.
  static constexpr std::size_t kMostLingering = 16;
  using Process = std::function<void(std::vector<QueuedCommand>&)>;

  // With `own_thread` false nothing is worked off but by `run_one_batch`, which waits for nothing.
  Batcher(std::size_t queue_limit, std::chrono::nanoseconds settle_linger, bool own_thread,
          Process process);
  ~Batcher() { stop(); }
  Batcher(const Batcher&) = delete;
  Batcher& operator=(const Batcher&) = delete;

  // False where the queue is full or the store is shutting down; the command is untouched then.
  bool submit(QueuedCommand&& command);
  std::size_t length() const;
  // Works off what has queued, at most kMaxBatch of it, on this thread; false where nothing has.
  // Where `process` throws, nothing more is taken.
  bool run_one_batch();
  // Takes no more, works off what has queued, and ends the thread.
  void stop();

 private:
  void run();

  const std::size_t queue_limit_;
  const std::chrono::nanoseconds settle_linger_;
  const Process process_;
  mutable std::mutex mutex_;
  std::condition_variable came_;
  std::vector<QueuedCommand> queue_;
  bool is_due_ = false;  // what has queued need not linger
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace purser::store
