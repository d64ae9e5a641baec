// A whole gateway in one process: a store in a directory of its own, the demo workspace, the
// sandbox as every provider, io threads, a listener on a free port. And a client as simple as can
// be.
#pragma once

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "purser/gateway/gateway.h"
#include "purser/gateway/sandbox_server.h"
#include "purser/http/server.h"
#include "purser/identity/demo.h"
#include "purser/identity/key_ring.h"
#include "purser/store/store.h"

namespace purser::gateway {

// The committed price book.
std::shared_ptr<const pricing::PriceBook> test_prices();

struct Answer {
  int status = 0;
  std::string head;
  std::string body;  // as it came, chunked or not
  std::string field(std::string_view name) const;
};

class World {
 public:
  explicit World(std::size_t io_threads = 2);
  ~World();

  // One request on a connection of its own; an empty key sends none.
  Answer post(const std::string& path, const std::string& key, const std::string& body,
              const std::string& more_fields = "") const;
  Answer get(const std::string& path, const std::string& key) const;
  Answer send(const std::string& method, const std::string& path, const std::string& key,
              const std::string& body, const std::string& more_fields) const;

  const std::string& key_of(const std::string& name) const;
  // The balances of all caps of the person's key.
  std::vector<store::CapStatus> caps_of(const std::string& name);
  void set_user_cap(const std::string& name, Nanos limit);
  void set_team_cap(const std::string& name, Nanos limit);
  // A rule on single requests of a scope of the person's key.
  void set_rule(const std::string& name, ledger::ScopeKind kind, identity::RequestRule rule);
  // Waits until nothing is held and nothing is queued.
  void wait_until_settled();

  store::Store& store() { return *store_; }
  Gateway& gateway() { return *gateway_; }

 private:
  void set_cap(ledger::ScopeKind kind, const Id& id, Nanos limit);
  identity::PrincipalPtr principal_of(const std::string& name);

  struct IoThread {
    boost::asio::io_context io{1};
    boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work =
        boost::asio::make_work_guard(io);
    std::thread thread;
  };
  std::string directory_;
  std::unique_ptr<store::Store> store_;
  std::unique_ptr<identity::KeyRing> keys_;
  identity::Demo demo_;
  std::unique_ptr<Gateway> gateway_;
  std::unique_ptr<http::Server> server_;
  std::unique_ptr<SandboxServer> sandbox_;
  std::vector<std::unique_ptr<IoThread>> threads_;
  std::uint16_t port_ = 0;
};

}  // namespace purser::gateway
