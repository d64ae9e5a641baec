// The last refusals, for `explain`: kept in memory only, so that a refused retry costs no store.
// Thread-safe.
#pragma once

#include <deque>
#include <mutex>
#include <string>
#include <unordered_map>

#include "purser/base/id.h"

namespace purser::gateway {

class RefusalLog {
 public:
  explicit RefusalLog(std::size_t capacity) : capacity_(capacity) {}

  void add(const Id& request, std::string json) {
    const std::scoped_lock lock(mutex_);
    if (order_.size() >= capacity_ && !order_.empty()) {
      by_id_.erase(order_.front());
      order_.pop_front();
    }
    if (by_id_.emplace(request, std::move(json)).second) order_.push_back(request);
  }

  std::string find(const Id& request) const {
    const std::scoped_lock lock(mutex_);
    const auto found = by_id_.find(request);
    return found == by_id_.end() ? std::string() : found->second;
  }

 private:
  mutable std::mutex mutex_;
  std::size_t capacity_;
  std::deque<Id> order_;
  std::unordered_map<Id, std::string> by_id_;
};

}  // namespace purser::gateway
