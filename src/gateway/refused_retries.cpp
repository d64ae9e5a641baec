#include "refused_retries.h"

#include <utility>

namespace purser::gateway {
namespace {

constexpr std::size_t kMostKeys = 4096;
constexpr std::size_t kLargestBody = 16'384;
constexpr std::size_t kMostKeptBytes = 4'194'304;

}  // namespace

void RefusedRetries::note(const Id& key, bool refused_for_spend) {
  if (!refused_for_spend) {
    if (const auto found = keys_.find(key); found != keys_.end()) {
      replace(found->second, nullptr);
      keys_.erase(found);
    }
    return;
  }
  if (keys_.size() >= kMostKeys) {
    keys_.clear();
    kept_bytes_ = 0;
  }
  keys_.try_emplace(key);
}

void RefusedRetries::replace(std::unique_ptr<const Kept>& kept, std::unique_ptr<const Kept> by) {
  if (kept != nullptr) kept_bytes_ -= kept->body.size();
  kept = std::move(by);
  if (kept != nullptr) kept_bytes_ += kept->body.size();
}

const Understood* RefusedRetries::find(const Id& key, const RequestSeen& seen) const {
  const auto found = keys_.find(key);
  if (found == keys_.end() || found->second == nullptr) return nullptr;
  const Kept& kept = *found->second;
  const bool alike = kept.body == seen.body && kept.format == seen.format &&
                     kept.betas == seen.betas && kept.from.is(seen.by, seen.book);
  return alike ? &kept.understood : nullptr;
}

void RefusedRetries::keep(const Id& key, const RequestSeen& seen, const Understood& understood) {
  const auto found = keys_.find(key);
  if (found == keys_.end()) return;
  replace(found->second, nullptr);
  if (seen.body.size() > kLargestBody || kept_bytes_ + seen.body.size() > kMostKeptBytes) return;
  replace(found->second, std::make_unique<const Kept>(Kept{{seen.by, seen.book},
                                                           seen.format,
                                                           std::string(seen.betas),
                                                           std::string(seen.body),
                                                           understood}));
}

}  // namespace purser::gateway
