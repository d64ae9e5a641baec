// The last refusals, for `explain`: kept in memory only, so that a refused retry costs no store,
// and written as JSON only for who asks. Thread-safe.
#pragma once

#include <deque>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>

#include "purser/base/env.h"
#include "purser/base/id.h"
#include "purser/providers/refusal.h"

namespace purser::gateway {

struct KeptRefusal {
  Instant at;
  Id user, key;                 // zero: no key of ours was sent
  std::string provider, model;  // empty: not known yet
  providers::Refusal refusal;
};
std::string json_of(const Id& request, const KeptRefusal& kept);

class RefusalLog {
 public:
  explicit RefusalLog(std::size_t capacity) : capacity_(capacity) {}

  void add(const Id& request, KeptRefusal kept) {
    const std::scoped_lock lock(mutex_);
    if (order_.size() >= capacity_ && !order_.empty()) {
      by_id_.erase(order_.front());
      order_.pop_front();
    }
    if (by_id_.emplace(request, std::move(kept)).second) order_.push_back(request);
  }

  std::optional<KeptRefusal> find(const Id& request) const {
    const std::scoped_lock lock(mutex_);
    const auto found = by_id_.find(request);
    return found == by_id_.end() ? std::nullopt : std::optional(found->second);
  }

 private:
  mutable std::mutex mutex_;
  std::size_t capacity_;
  std::deque<Id> order_;
  std::unordered_map<Id, KeptRefusal> by_id_;
};

}  // namespace purser::gateway
