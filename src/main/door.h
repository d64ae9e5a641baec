// Which part of Purser a request is for: health and metrics, the REST API, its own pages, or the
// gateway.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <functional>
#include <string>

#include "purser/api/api.h"
#include "purser/gateway/gateway.h"
#include "purser/http/server.h"
#include "purser/pages/pages.h"

namespace purser::main {

class Door {
 public:
  struct Parts {
    gateway::Gateway* gateway = nullptr;
    api::Api* api = nullptr;
    pages::Pages* pages = nullptr;
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
  boost::asio::awaitable<void> serve_page(http::ServerExchange& exchange);
  // Reads at most so much of a body, runs `handle` on a worker, and sends what it answers.
  boost::asio::awaitable<void> answer(
      http::ServerExchange& exchange, api::ApiRequest request, std::size_t body_limit,
      std::function<api::ApiResponse(const api::ApiRequest&)> handle);
  Parts parts_;
};

}  // namespace purser::main
