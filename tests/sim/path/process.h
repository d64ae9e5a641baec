// One life of the gateway process: store, keys, gateway, server, all on one io_context that its
// owner polls. It ends by being destroyed; what a crash leaves is the disk's business
// (MemoryDisk::crash).
#pragma once

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "path/wire.h"
#include "path/world.h"
#include "purser/gateway/gateway.h"
#include "purser/http/server.h"
#include "purser/identity/key_ring.h"
#include "purser/store/store.h"

namespace purser::sim {

// A sync failed: the process is gone.
struct DiskFailed {};

// The secret of the keys' hashes.
std::string ring_secret();

struct ProcessOptions {
  std::string directory;
  std::size_t queue_limit = 8192;
  // A connection to the provider.
  std::function<std::shared_ptr<Wire>()> connect_upstream;
};

class Process {
 public:
  Process(World& world, ProcessOptions options);
  ~Process();
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  std::unique_ptr<boost::asio::io_context> io = std::make_unique<boost::asio::io_context>(1);
  std::unique_ptr<store::Store> store;
  std::unique_ptr<identity::KeyRing> keys;
  std::unique_ptr<gateway::Gateway> gateway;

  void accept(std::shared_ptr<Wire> wire);
  void died();  // to whoever is connected to it

 private:
  friend class UpstreamConnector;
  World& world_;
  ProcessOptions options_;
  std::unique_ptr<http::Server> server_;
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_;
  std::vector<std::weak_ptr<Wire>> wires_;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace purser::sim
