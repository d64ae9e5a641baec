// The idle connections of one client, and what all of its connections share.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "purser/http/client.h"

namespace purser::http {

class ClientConnection;

struct PoolKey {
  bool tls = false;
  std::string host;
  std::uint16_t port = 0;
  auto operator<=>(const PoolKey&) const = default;
};

// The options that a connection needs, shared so that a response may outlive its client.
struct ClientSettings {
  Duration write_timeout{};
  Duration first_byte_timeout{};
  Duration idle_timeout{};
  std::size_t head_bytes = 0;
  std::size_t field_count = 0;
  std::size_t trailer_bytes = 0;
  std::size_t chunk_line_bytes = 0;
  std::size_t interim_answers = 0;
  Env* env = nullptr;
};

struct ClientPool : std::enable_shared_from_this<ClientPool> {
  ClientPool(boost::asio::any_io_executor executor, ClientOptions given);
  ~ClientPool();

  // The youngest idle connection that is still quiet, or null.
  std::unique_ptr<ClientConnection> take(const PoolKey& key);
  void give_back(std::unique_ptr<ClientConnection> connection);
  void clear();
  // Its io_context is being destroyed: gives up all that hangs on it, and takes nothing more.
  void context_gone();

  ClientOptions options;
  std::shared_ptr<const ClientSettings> settings;
  std::unique_ptr<Connector> connector;
  std::size_t idle_count = 0;

 private:
  struct Idle {
    std::unique_ptr<ClientConnection> connection;
    Duration since;
  };
  void close_expired();
  void schedule_sweep();

  std::map<PoolKey, std::vector<Idle>> idle_;  // each list from oldest to youngest
  class Keeper;
  Keeper* keeper_;  // null once the io_context is gone
  std::optional<boost::asio::steady_timer> sweep_timer_;
  bool sweep_scheduled_ = false;
};

}  // namespace purser::http
