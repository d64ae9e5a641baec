// Runs the server's connection loop, or the client, over streams in memory.
#pragma once

#include <boost/asio/detached.hpp>
#include <string>
#include <vector>

#include "memory_stream.h"
#include "net_support.h"
#include "purser/http/server.h"

namespace purser::http::testing {

inline std::vector<std::string> split_every_byte(std::string_view bytes) {
  std::vector<std::string> pieces;
  for (const char c : bytes) pieces.emplace_back(1, c);
  return pieces;
}

// One connection served to its end. `counters` stay readable.
class MemoryServer {
 public:
  explicit MemoryServer(Handler handler, Limits limits = {})
      : server_(ServerOptions{std::move(handler), limits, nullptr, &env_}),
        wire_(std::make_shared<Wire>(&env_)) {}

  Wire& wire() { return *wire_; }
  ManualEnv& env() { return env_; }
  Server& server() { return server_; }
  const Counters& counters() const { return server_.counters(); }

  // Returns all that was written.
  const std::string& serve(std::vector<std::string> incoming) {
    wire_->incoming.assign(incoming.begin(), incoming.end());
    boost::asio::io_context io(1);
    boost::asio::co_spawn(io,
                          serve_connection(server_.state(), std::make_unique<MemoryStream>(wire_)),
                          boost::asio::detached);
    io.run();
    return wire_->written;
  }

 private:
  ManualEnv env_{Instant{std::chrono::seconds{1'795'446'245}}, 1};
  Server server_;
  std::shared_ptr<Wire> wire_;
};

// Hands out prepared wires, in order; fails to connect when there are none left.
class MemoryConnector final : public Connector {
 public:
  explicit MemoryConnector(std::deque<std::shared_ptr<Wire>>* wires) : wires_(wires) {}
  boost::asio::awaitable<ConnectResult> connect(const Target*, Duration) override {
    ConnectResult result;
    if (wires_->empty()) {
      result.failure = UpstreamFailure::connect;
      result.reason = "no wire left";
    } else {
      result.stream = std::make_unique<MemoryStream>(wires_->front());
      wires_->pop_front();
    }
    co_return result;
  }

 private:
  std::deque<std::shared_ptr<Wire>>* wires_;
};

}  // namespace purser::http::testing
