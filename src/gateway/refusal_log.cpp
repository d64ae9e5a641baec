#include "refusal_log.h"

#include <algorithm>
#include <utility>

#include "purser/base/text.h"

namespace purser::gateway {

std::string json_of(const Id& request, const KeptRefusal& kept) {
  std::string json = "{\"id\":" + quote_json(to_text("req", request)) +
                     ",\"at\":" + quote_json(format_instant(kept.at)) + ",\"refused\":true" +
                     ",\"code\":" + quote_json(kept.code) +
                     ",\"status\":" + std::to_string(kept.status) +
                     ",\"message\":" + quote_json(kept.message);
  if (!kept.user.is_zero())
    json += ",\"user_id\":" + quote_json(to_text("usr", kept.user)) +
            ",\"key_id\":" + quote_json(to_text("key", kept.key));
  if (!kept.model.empty())
    json += ",\"provider\":" + quote_json(kept.provider) + ",\"model\":" + quote_json(kept.model);
  return json + ",\"details\":{" + kept.details + "}}";
}

void RefusalLog::add(const Id& request, KeptRefusal kept) {
  const std::scoped_lock lock(mutex_);
  if (kept_.size() < capacity_) {
    ids_.push_back(request);
    kept_.push_back(std::move(kept));
  } else if (capacity_ > 0) {
    ids_[oldest_] = request;
    std::swap(kept_[oldest_], kept);
    oldest_ = (oldest_ + 1) % capacity_;
  }
}

std::optional<KeptRefusal> RefusalLog::find(const Id& request) const {
  const std::scoped_lock lock(mutex_);
  const auto found = std::ranges::find(ids_, request);
  if (found == ids_.end()) return std::nullopt;
  return kept_[static_cast<std::size_t>(found - ids_.begin())];
}

}  // namespace purser::gateway
