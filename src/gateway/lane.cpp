#include "state.h"

namespace purser::gateway {
namespace {

http::ClientOptions client_options(const ProviderEntry& entry, Env* env) {
  http::ClientOptions options;
  options.connect_timeout = entry.connect_timeout;
  options.first_byte_timeout = entry.first_byte_timeout;
  options.idle_timeout = entry.idle_timeout;
  options.env = env;
  if (entry.target.tls) {
    // A CA file that cannot be read was refused at start-up; here TLS then fails with a sentence.
    if (auto tls = http::TlsClientContext::make(entry.ca_file)) options.tls = *tls;
  }
  return options;
}

// How long a price that was looked up holds; a book may price by the time of day, to the minute.
constexpr Duration kPriceHold = std::chrono::minutes(1);
constexpr std::size_t kMostPrices = 4096;

// Counting tokens stands before the request itself, so it may not take long.
constexpr Duration kCountingWait = std::chrono::seconds(5);

}  // namespace

Lane::Lane(boost::asio::io_context& lane_io, const GatewayOptions& options, Env* env)
    : io(lane_io), options_(options) {
  for (const ProviderEntry& entry : options.providers) {
    clients_.push_back(
        std::make_unique<http::Client>(io.get_executor(), client_options(entry, env)));
    ProviderEntry counting = entry;
    counting.connect_timeout = counting.first_byte_timeout = counting.idle_timeout = kCountingWait;
    counting_clients_.push_back(
        std::make_unique<http::Client>(io.get_executor(), client_options(counting, env)));
  }
  sandbox_client_ =
      std::make_unique<http::Client>(io.get_executor(), client_options(ProviderEntry{}, env));
}

http::Client& Lane::client(const Route& route) {
  return route.by_sandbox ? *sandbox_client_ : *clients_[route.entry];
}

http::Client& Lane::counting_client(const Route& route) {
  return route.by_sandbox ? *sandbox_client_ : *counting_clients_[route.entry];
}

const http::Target* Lane::target(const Route& route) const {
  return route.by_sandbox ? &options_.sandbox_target : &options_.providers[route.entry].target;
}

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

}  // namespace purser::gateway
