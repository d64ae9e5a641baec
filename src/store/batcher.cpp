#include "batcher.h"

#include <algorithm>
#include <iterator>

namespace purser::store {

Batcher::Batcher(std::size_t queue_limit, std::chrono::nanoseconds settle_linger, bool own_thread,
                 Process process)
    : queue_limit_(queue_limit), settle_linger_(settle_linger), process_(std::move(process)) {
  if (own_thread) thread_ = std::thread([this] { run(); });
}

bool Batcher::submit(QueuedCommand&& command) {
  const bool somebody_waits = !std::holds_alternative<QueuedSettle>(command);
  {
    const std::scoped_lock lock(mutex_);
    if (stopping_ || queue_.size() >= queue_limit_) return false;
    queue_.push_back(std::move(command));
    const bool was_due = is_due_;
    is_due_ = is_due_ || somebody_waits || queue_.size() >= kMostLingering;
    if (queue_.size() > 1 && is_due_ == was_due) return true;  // the writer has been told already
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
  while (run_one_batch()) {
  }
}

bool Batcher::run_one_batch() {
  std::vector<QueuedCommand> batch;
  {
    const std::scoped_lock lock(mutex_);
    const auto size = std::min<std::ptrdiff_t>(kMaxBatch, std::ssize(queue_));
    const auto last = queue_.begin() + size;
    batch.assign(std::make_move_iterator(queue_.begin()), std::make_move_iterator(last));
    queue_.erase(queue_.begin(), last);
  }
  if (batch.empty()) return false;
  try {
    process_(batch);
  } catch (...) {
    const std::scoped_lock lock(mutex_);
    stopping_ = true;
    queue_.clear();
    throw;
  }
  return true;
}

void Batcher::run() {
  std::vector<QueuedCommand> taken;
  for (;;) {
    {
      std::unique_lock lock(mutex_);
      came_.wait(lock, [this] { return stopping_ || !queue_.empty(); });
      if (queue_.empty()) return;
      came_.wait_for(lock, settle_linger_, [this] { return stopping_ || is_due_; });
      is_due_ = false;
      std::swap(taken, queue_);
    }
    // What has queued is worked off in bounded transactions, in its order; mostly it is one.
    if (taken.size() <= kMaxBatch) {
      process_(taken);
      taken.clear();
      continue;
    }
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
