// What all connections of a server share.
#pragma once

#include <atomic>
#include <boost/asio/ip/tcp.hpp>
#include <memory>
#include <mutex>
#include <unordered_set>
#include <vector>

#include "purser/http/server.h"

namespace purser::http {

class ServerConnection;

// One listening socket and its connections; everything in it belongs to its io thread.
struct Listener {
  explicit Listener(boost::asio::io_context& io) : executor(io.get_executor()), acceptor(io) {}

  boost::asio::any_io_executor executor;
  boost::asio::ip::tcp::acceptor acceptor;
  std::unordered_set<ServerConnection*> connections;
};

struct ServerState {
  explicit ServerState(ServerOptions given) : options(std::move(given)) {
    if (options.env == nullptr) options.env = &system_env();
    limits_ = std::make_shared<const Limits>(options.limits);
  }

  // Those in force; a connection keeps the ones that it began with.
  std::shared_ptr<const Limits> limits() const {
    const std::lock_guard lock(limits_mutex_);
    return limits_;
  }
  void set_limits(const Limits& limits) {
    auto next = std::make_shared<const Limits>(limits);
    const std::lock_guard lock(limits_mutex_);
    limits_ = std::move(next);
  }

  ServerOptions options;
  Counters counters;
  std::atomic<bool> stopping{false};

  // Weak: a listener dies with its io_context, which may go before the server.
  std::mutex listeners_mutex;
  std::vector<std::weak_ptr<Listener>> listeners;
  std::vector<boost::asio::ip::tcp::endpoint> endpoints;  // that are listened on

 private:
  mutable std::mutex limits_mutex_;
  std::shared_ptr<const Limits> limits_;
};

// Counts one open connection for as long as it lives.
class OpenConnection {
 public:
  explicit OpenConnection(std::shared_ptr<ServerState> state) : state_(std::move(state)) {
    state_->counters.connections_open.fetch_add(1);
  }
  ~OpenConnection() { state_->counters.connections_open.fetch_sub(1); }
  OpenConnection(const OpenConnection&) = delete;
  OpenConnection& operator=(const OpenConnection&) = delete;

 private:
  std::shared_ptr<ServerState> state_;
};

}  // namespace purser::http
