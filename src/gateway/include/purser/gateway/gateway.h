// The gateway: the way of one request from a client's bytes to a durable settle (DESIGN, "The way
// of a request"). Each request is an exchange, a coroutine on its connection's io thread.
//
//   Gateway gateway(options, services);
//   gateway.add_lane(io);                 // for each io_context, before it runs
//   co_await gateway.serve(exchange);     // the http handler, for all but /api
//
// Threading: `serve` on an io thread whose io_context has a lane; everything else from any thread.
// Lifetime: outlives the io_contexts; the store and the key ring outlive it. To end: join the io
// threads, `close`, destroy the io_contexts (exchanges still on them settle what they hold),
// destroy the gateway.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "purser/base/env.h"
#include "purser/gateway/options.h"
#include "purser/http/client.h"
#include "purser/http/server.h"
#include "purser/identity/key_ring.h"
#include "purser/pricing/price_book.h"
#include "purser/store/store.h"

namespace purser::gateway {

// What a log may know of one exchange, once it is over: no prompt, no key, no answer.
struct ExchangeRecord {
  Id request;
  Id user;  // zero: nobody was identified
  Id key;
  std::string_view format;
  std::string_view provider;
  std::string_view model;
  std::string_view outcome;  // an ending ("complete", "cut", …) or a refusal's code
  bool refused = false;
  int status = 0;
  Nanos cost;
  Duration took{};
};

// What a test puts in place of the world outside, so that the whole path runs on one thread and on
// simulated time. An empty member: the real thing.
struct GatewaySeams {
  std::function<std::unique_ptr<http::Connector>()> make_connector = nullptr;  // TCP and TLS
  // Where what blocks runs: threads of the gateway's own.
  boost::asio::any_io_executor workers = {};
  // Runs `work` on the io thread after a while: a timer of Asio's.
  std::function<void(boost::asio::io_context& io, Duration wait, std::function<void()> work)>
      after = nullptr;
};

struct GatewayServices {
  store::Store* store = nullptr;
  identity::KeyRing* keys = nullptr;
  Env* env = nullptr;
  std::shared_ptr<const pricing::PriceBook> prices;
  // Called on io threads at the end of every exchange; must be quick. May be empty.
  std::function<void(const ExchangeRecord&)> on_end = nullptr;
  GatewaySeams seams = {};
};

struct GatewayState;  // private

class Gateway {
 public:
  Gateway(GatewayOptions options, GatewayServices services);
  ~Gateway();

  void add_lane(boost::asio::io_context& io);
  boost::asio::awaitable<void> serve(http::ServerExchange& exchange);

  // Runs blocking work on the workers and comes back to the io thread. False: too much is queued.
  boost::asio::awaitable<bool> run_on_worker(std::function<void()> work);

  std::shared_ptr<const pricing::PriceBook> prices() const;
  void set_prices(std::shared_ptr<const pricing::PriceBook> prices);
  // For exchanges that begin from now on; those under way keep what they began with. What sizes a
  // memory or a thread pool (`worker_*`, `prefix_entries`, `refusals_kept`) stays as it was.
  void set_options(GatewayOptions options);

  // What a provider's request would cost at most, and whether it would pass, as JSON.
  Result<std::string> estimate(const identity::Principal& principal, std::string_view path,
                               std::string_view body) const;
  // A refusal still in memory, as JSON; empty where there is none.
  std::string find_refusal(const Id& request) const;
  // The key in whichever header a provider's SDK uses; empty: none.
  static std::string key_text(const http::RequestHead& head);

  // Prometheus text: the gateway's, the store's and the listener's figures.
  std::string metrics(const http::Counters& listener) const;

  // Ends what is still streaming (settled in full); for the end of a graceful shutdown.
  void cut_all();
  std::size_t open_exchanges() const;
  // The io threads have been joined: nothing of workers or store may still come back to them.
  void close();

 private:
  std::unique_ptr<GatewayState> state_;
};

}  // namespace purser::gateway
