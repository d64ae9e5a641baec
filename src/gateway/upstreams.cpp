#include "upstreams.h"

#include <utility>

namespace purser::gateway {
namespace {

http::ClientOptions client_options(const ProviderEntry& entry, Env* env,
                                   const GatewaySeams& seams) {
  http::ClientOptions options;
  options.connect_timeout = entry.connect_timeout;
  options.first_byte_timeout = entry.first_byte_timeout;
  options.idle_timeout = entry.idle_timeout;
  options.env = env;
  if (seams.make_connector) options.connector = seams.make_connector();
  if (entry.target.tls) {
    // A CA file that cannot be read was refused at start-up; here TLS then fails with a sentence.
    if (auto tls = http::TlsClientContext::make(entry.ca_file)) options.tls = *tls;
  }
  return options;
}

// Counting tokens stands before the request itself, so it may not take long.
constexpr Duration kCountingWait = std::chrono::seconds(5);

}  // namespace

Upstreams::Upstreams(boost::asio::any_io_executor io, std::shared_ptr<const GatewayOptions> options,
                     Env* env, const GatewaySeams& seams)
    : options_(std::move(options)) {
  for (const ProviderEntry& entry : options_->providers) {
    clients_.push_back(std::make_unique<http::Client>(io, client_options(entry, env, seams)));
    ProviderEntry counting = entry;
    counting.connect_timeout = counting.first_byte_timeout = counting.idle_timeout = kCountingWait;
    counting_clients_.push_back(
        std::make_unique<http::Client>(io, client_options(counting, env, seams)));
  }
  sandbox_client_ = std::make_unique<http::Client>(io, client_options(ProviderEntry{}, env, seams));
}

http::Client& Upstreams::client(const Route& route) {
  return route.by_sandbox ? *sandbox_client_ : *clients_[route.entry];
}

http::Client& Upstreams::counting_client(const Route& route) {
  return route.by_sandbox ? *sandbox_client_ : *counting_clients_[route.entry];
}

const http::Target* Upstreams::target(const Route& route) const {
  return route.by_sandbox ? &options_->sandbox_target : &options_->providers[route.entry].target;
}

}  // namespace purser::gateway
