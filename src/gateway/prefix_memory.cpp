#include "prefix_memory.h"

#include <algorithm>

namespace purser::gateway {

std::int64_t PrefixMemory::tighten(const providers::RequestShape& shape) {
  const std::scoped_lock lock(mutex_);
  for (auto mark = shape.prefixes.rbegin(); mark != shape.prefixes.rend(); ++mark) {
    const auto known = by_digest_.find(mark->digest);
    if (known == by_digest_.end()) continue;
    by_use_.splice(by_use_.begin(), by_use_, known->second);
    const std::int64_t rest = shape.input_tokens - mark->input_tokens;
    return std::min(shape.input_tokens,
                    known->second->input_tokens + std::max<std::int64_t>(0, rest));
  }
  return shape.input_tokens;
}

void PrefixMemory::remember(const providers::RequestShape& shape, std::int64_t input_tokens) {
  // What hosted tools or unseen content added was not in the bytes, and would not be in the next's.
  if (shape.prefixes.empty() || shape.has_web_search || shape.reads_unseen ||
      shape.previous_response_id)
    return;
  const Digest digest = shape.prefixes.back().digest;
  const std::scoped_lock lock(mutex_);
  if (const auto known = by_digest_.find(digest); known != by_digest_.end()) {
    known->second->input_tokens = std::max(known->second->input_tokens, input_tokens);
    by_use_.splice(by_use_.begin(), by_use_, known->second);
    return;
  }
  by_use_.push_front({digest, input_tokens});
  by_digest_[digest] = by_use_.begin();
  if (by_use_.size() <= capacity_) return;
  by_digest_.erase(by_use_.back().digest);
  by_use_.pop_back();
}

}  // namespace purser::gateway
