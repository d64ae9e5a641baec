#include "batcher.h"

#include <algorithm>
#include <iterator>

namespace purser::store {

Batcher::Batcher(std::size_t queue_limit, Process process)
    : queue_limit_(queue_limit), process_(std::move(process)), thread_([this] { run(); }) {}

bool Batcher::submit(QueuedCommand&& command) {
  {
    const std::scoped_lock lock(mutex_);
    if (stopping_ || queue_.size() >= queue_limit_) return false;
    queue_.push_back(std::move(command));
    if (queue_.size() > 1) return true;  // the writer has been told already
  }
  came_.notify_one();
  return true;
}

std::size_t Batcher::length() const {
  const std::scoped_lock lock(mutex_);
  return queue_.size();
}

void Batcher::stop() {
  {
    const std::scoped_lock lock(mutex_);
    stopping_ = true;
  }
  came_.notify_one();
  if (thread_.joinable()) thread_.join();
}

void Batcher::run() {
  std::vector<QueuedCommand> taken;
  for (;;) {
    {
      std::unique_lock lock(mutex_);
      came_.wait(lock, [this] { return stopping_ || !queue_.empty(); });
      if (queue_.empty()) return;
      std::swap(taken, queue_);
    }
    // What has queued is worked off in bounded transactions, in its order.
    for (auto first = taken.begin(); first != taken.end();) {
      const auto size = std::min<std::ptrdiff_t>(kMaxBatch, taken.end() - first);
      std::vector<QueuedCommand> batch(std::make_move_iterator(first),
                                       std::make_move_iterator(first + size));
      first += size;
      process_(batch);
    }
    taken.clear();
  }
}

}  // namespace purser::store
