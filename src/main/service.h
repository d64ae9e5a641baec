// One running gateway: every part, made in the order in which it needs the others, and ended in the
// opposite one.
#pragma once

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "config.h"
#include "door.h"
#include "log.h"
#include "purser/alerts/dispatcher.h"
#include "purser/api/api.h"
#include "purser/gateway/gateway.h"
#include "purser/gateway/sandbox_server.h"
#include "purser/http/server.h"
#include "purser/identity/key_ring.h"
#include "purser/identity/sign_in.h"
#include "purser/store/store.h"

namespace purser::main {

class Service {
 public:
  // Errors name what has to change: a setting, a file, another process that holds the ledger.
  static Result<std::unique_ptr<Service>> start(const Config& config, bool demo, Env& env,
                                                const Log& log);
  ~Service();  // stops hard; `drain` first

  std::string base_url() const { return base_url_; }
  // The link with which the first admin sets a password, while it is good; empty: none.
  std::string first_sign_in_link() const {
    return first_secret_.empty() ? "" : public_url() + "/sign-in/secret#" + first_secret_;
  }
  // As people reach it, without a slash at its end.
  std::string public_url() const { return public_url_.empty() ? base_url_ : public_url_; }
  // What can change while it runs: certificates, prices with what has been overridden, provider
  // entries and their keys, limits. An error leaves providers and limits as they were.
  Result<void> reload(const Config& config);

  // Stops accepting. True once no exchange is open.
  void stop_accepting();
  bool is_idle() const;
  void cut_all();

 private:
  Service() = default;
  Result<void> open_store(const Config& config, bool demo, Env& env);
  Result<void> load_prices();
  Result<void> start_sandbox();
  // What only the running service knows: where its pages and its sandbox are.
  void complete(gateway::GatewayOptions& options) const;
  Result<void> make_gateway(const Config& config, gateway::GatewayOptions options, Env& env,
                            const Log& log);
  void make_alerts(const Config& config, Env& env);
  Result<void> listen(const Config& config);
  void run_threads();

  // One io_context and one thread for each core.
  struct IoThread {
    boost::asio::io_context io{1};
    boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work =
        boost::asio::make_work_guard(io);
    std::thread thread;
  };

  std::string base_url_;
  std::string public_url_;  // as configured
  std::string first_secret_;
  bool sandbox_answers_ = false;  // as it was started
  std::string data_dir_;
  std::unique_ptr<store::Store> store_;
  std::unique_ptr<identity::KeyRing> keys_;
  std::unique_ptr<identity::SignIn> sign_in_;
  std::shared_ptr<const pricing::PriceBook> prices_;
  std::unique_ptr<gateway::Gateway> gateway_;
  std::unique_ptr<alerts::Dispatcher> alerts_;
  std::unique_ptr<api::Api> api_;
  std::unique_ptr<pages::Pages> pages_;
  std::unique_ptr<Door> door_;
  std::shared_ptr<http::TlsContext> tls_;
  std::unique_ptr<http::Server> server_;
  std::unique_ptr<http::Server> operations_server_;
  std::unique_ptr<gateway::SandboxServer> sandbox_;
  std::vector<std::unique_ptr<IoThread>> threads_;  // destroyed first
  bool stopping_ = false;
};

}  // namespace purser::main
