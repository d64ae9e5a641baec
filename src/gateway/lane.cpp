#include "state.h"

namespace purser::gateway {
namespace {

// How long a price that was looked up holds; a book may price by the time of day, to the minute.
constexpr Duration kPriceHold = std::chrono::minutes(1);
constexpr std::size_t kMostPrices = 4096;
constexpr std::size_t kMostRoutes = 4096;

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

Result<Route> Lane::route(const std::shared_ptr<Upstreams>& by,
                          const std::shared_ptr<const pricing::PriceBook>& book,
                          providers::Format format, std::string_view model) {
  if (!routed_from_.is(by, book) || routes_.size() >= kMostRoutes) {
    routes_.clear();
    routed_from_ = {by, book};
  }
  std::string id(model);
  id.push_back(static_cast<char>(format));
  if (const auto found = routes_.find(id); found != routes_.end()) return found->second;
  Result<Route> route = gateway::route(by->options(), *book, format, model);
  if (route) routes_.emplace(std::move(id), *route);  // names are bounded: see read_request
  return route;
}

}  // namespace purser::gateway
