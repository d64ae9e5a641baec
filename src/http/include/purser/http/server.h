// The HTTP/1.1 server: listeners, TLS, strict framing, limits. It hands each request to a handler,
// a coroutine on the connection's io thread.
//
//   Server server({.handler = [&gateway](ServerExchange& exchange) { return
//   gateway.serve(exchange); }}); for (auto& io : io_contexts) port = *server.listen(*io,
//   "127.0.0.1", port);
//   ...                           // run each io_context on its own thread
//   server.stop_accepting();      // drain: from any thread
//
// Framing. A request is read strictly: whatever two readers could read in two ways is refused with
// a short JSON body and the connection is closed; it is never resynchronised. The list of what is
// refused is tests/hostile/requests.table. A handler sees only requests that passed.
//
// Threading: `listen` before the io_contexts run, once for each; one thread runs one io_context.
// `stop_accepting`, `open_connections` and `counters` may be called from any thread. A
// ServerExchange belongs to its handler's coroutine.
//
// Lifetime: stop and join the io threads, destroy the io_contexts, then the Server and what the
// handler refers to. Destroying an io_context destroys the connections and handlers still on it.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "purser/base/env.h"
#include "purser/base/result.h"
#include "purser/http/counters.h"
#include "purser/http/limits.h"
#include "purser/http/message.h"
#include "purser/http/stream.h"
#include "purser/http/tls.h"

namespace purser::http {

class ServerConnection;  // private

// One request and its answer. A handler answers exactly once: with `send`, or with `start`, any
// number of `write`s and `finish`. If it returns without, the server answers 500 or drops the
// connection; likewise if it throws. A body that was not read closes the connection afterwards.
class ServerExchange {
 public:
  explicit ServerExchange(ServerConnection& connection) : connection_(connection) {}
  ServerExchange(const ServerExchange&) = delete;
  ServerExchange& operator=(const ServerExchange&) = delete;

  const RequestHead& head() const;
  std::string_view peer_address() const;  // without a port

  // The whole body, once; empty where there is none. Errors (codes): `body_too_large` (answer 413),
  // `bad_framing` (400), `body_timeout` (408), `buffered_full` (503), `client_gone` (nobody left to
  // answer). `suggested_status` maps them. After an error the connection closes once answered.
  boost::asio::awaitable<Result<std::string>> read_body(std::size_t limit_bytes);
  static int suggested_status(const Error& error);
  // What is kept for this exchange counts against the server's limit of buffered bytes, until its
  // end: so many in all, in place of the body once that was let go of. False: there are too many.
  [[nodiscard]] bool keep(std::size_t bytes);

  // A whole answer in one write. False: the client is gone, or too slow.
  boost::asio::awaitable<bool> send(Response response);

  // An answer in pieces, each of them written at once (chunked; to an HTTP/1.0 client delimited by
  // the close). `first_piece` travels in the same write as the head. False as above; then stop.
  boost::asio::awaitable<bool> start(int status, Fields fields, std::string_view first_piece = {});
  boost::asio::awaitable<bool> write(std::string_view piece);  // an empty piece writes nothing
  // Ends it; `last_piece` travels in the same write as the end.
  boost::asio::awaitable<bool> finish(std::string_view last_piece = {});
  // Drops the connection: after `start`, when the answer cannot end well. The client still gets
  // what was written, and sees that it was cut, never a clean end.
  void abort();

  bool started() const;   // a head was written, or tried
  bool finished() const;  // the answer was written whole

 private:
  ServerConnection& connection_;
};

using Handler = std::function<boost::asio::awaitable<void>(ServerExchange&)>;

struct ServerOptions {
  Handler handler;
  Limits limits = {};
  std::shared_ptr<TlsContext> tls = nullptr;  // null: plain HTTP
  Env* env = nullptr;                         // null: system_env()
};

struct ServerState;  // private

class Server {
 public:
  explicit Server(ServerOptions options);
  ~Server();  // stops accepting
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  // One listener on this io_context. `address` is numeric ("127.0.0.1", "::1", "0.0.0.0"); `port` 0
  // picks a free one. The port bound is returned, to listen on it with the next io_context too
  // (SO_REUSEPORT). Errors: `bad_address`, `cannot_listen`.
  Result<std::uint16_t> listen(boost::asio::io_context& io, std::string_view address,
                               std::uint16_t port);

  // Closes the listeners and the connections that wait for a request; the others close after the
  // answer they are at. Returns at once; `open_connections` falls to 0 as they end.
  void stop_accepting();

  // For connections that are accepted from now on. From any thread.
  void set_limits(const Limits& limits);

  std::size_t open_connections() const;
  const Counters& counters() const;

  // The same state, for `serve_connection`.
  std::shared_ptr<ServerState> state() const { return state_; }

 private:
  std::shared_ptr<ServerState> state_;
};

// The life of one connection, until either side closes it. `Server` runs it for each accepted
// socket; a test runs it over a stream of its own.
boost::asio::awaitable<void> serve_connection(std::shared_ptr<ServerState> state,
                                              std::unique_ptr<Stream> stream);

}  // namespace purser::http
