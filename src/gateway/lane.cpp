#include "state.h"

namespace purser::gateway {
namespace {

// How long a price that was looked up holds; a book may price by the time of day, to the minute.
constexpr Duration kPriceHold = std::chrono::minutes(1);
constexpr std::size_t kMostPrices = 4096;
constexpr std::size_t kMostRefusedKeys = 4096;

}  // namespace

Result<std::shared_ptr<const pricing::Price>> Lane::price(
    const std::shared_ptr<const pricing::PriceBook>& book, const std::string& provider,
    const std::string& model, Instant now) {
  if (book != priced_by_ || now >= priced_until_ || prices_.size() >= kMostPrices) {
    prices_.clear();
    priced_by_ = book;
    priced_until_ = std::chrono::floor<std::chrono::minutes>(now) + kPriceHold;
  }
  const std::string id = provider + "/" + model;
  if (const auto found = prices_.find(id); found != prices_.end()) return found->second;
  Result<pricing::Price> price = book->find(provider, model, now);
  if (!price) return price.error();
  auto shared = std::make_shared<const pricing::Price>(std::move(*price));
  prices_.emplace(id, shared);
  return shared;
}

void Lane::note_refused(const Id& key, bool refused_for_spend) {
  if (!refused_for_spend) {
    if (!refused_keys_.empty()) refused_keys_.erase(key);
    return;
  }
  if (refused_keys_.size() >= kMostRefusedKeys) refused_keys_.clear();
  refused_keys_.insert(key);
}

}  // namespace purser::gateway
