#include "request_reads.h"

namespace purser::api {

bool RequestReads::is_new(const Id& reader, const Id& request) {
  const std::lock_guard lock(mutex_);
  const Pair pair{reader, request};
  if (!seen_.insert(pair).second) return false;
  order_.push_back(pair);
  if (order_.size() > kMostReads) {
    seen_.erase(order_.front());
    order_.pop_front();
  }
  return true;
}

void RequestReads::forget(const Id& reader, const Id& request) {
  const std::lock_guard lock(mutex_);
  const Pair pair{reader, request};
  if (seen_.erase(pair) > 0) std::erase(order_, pair);
}

std::string read_value(std::string_view user_handle) {
  return json::serialize(json::object{{"user", user_handle}});
}

}  // namespace purser::api
