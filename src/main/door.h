// Which part of Purser a request is for: health and metrics, the REST API, or the gateway.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <functional>
#include <string>

#include "purser/api/api.h"
#include "purser/gateway/gateway.h"
#include "purser/http/server.h"

namespace purser::main {

class Door {
 public:
  struct Parts {
    gateway::Gateway* gateway = nullptr;
    api::Api* api = nullptr;
    std::function<std::string()> why_not_ready;  // empty: ready
    std::function<std::string()> metrics;
    bool serves_operations =
        true;  // /healthz, /readyz, /metrics here, not on a listener of their own
  };
  explicit Door(Parts parts) : parts_(std::move(parts)) {}

  boost::asio::awaitable<void> serve(http::ServerExchange& exchange);
  // A listener for /healthz, /readyz and /metrics alone.
  boost::asio::awaitable<void> serve_operations(http::ServerExchange& exchange);

 private:
  bool is_operation(const http::RequestHead& head) const;
  http::Response operation(const http::RequestHead& head) const;
  boost::asio::awaitable<void> serve_api(http::ServerExchange& exchange);
  Parts parts_;
};

}  // namespace purser::main
