#include "purser/http/server.h"

#include <sys/socket.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "head_writer.h"
#include "server_connection.h"
#include "tcp_stream.h"
#include "tls_stream.h"

namespace purser::http {

namespace asio = boost::asio;
using asio::ip::tcp;

namespace {

std::string too_many_connections() {
  const Response response = error_response(503, "too_many_connections",
                                           "This server has too many open connections; try again.");
  std::string text;
  append_status_line(text, response.status);
  append_fields(text, response.fields);
  append_field(text, "retry-after", "1");
  append_field(text, "connection", "close");
  append_field(text, "content-length", std::to_string(response.body.size()));
  return text + "\r\n" + response.body;
}

asio::awaitable<std::unique_ptr<Stream>> open_stream(std::shared_ptr<ServerState> state,
                                                     tcp::socket socket) {
  if (!state->options.tls) co_return std::make_unique<TcpStream>(std::move(socket));
  const std::shared_ptr<SSL_CTX> context = state->options.tls->current();
  auto stream = std::make_unique<TlsStream>(std::move(socket), context.get());
  const IoStatus status = co_await stream->accept_handshake(state->limits()->tls_handshake_timeout);
  if (status == IoStatus::ok) co_return stream;
  state->counters.tls_failures.fetch_add(1);
  co_return nullptr;
}

asio::awaitable<void> serve_socket(std::shared_ptr<ServerState> state,
                                   std::shared_ptr<Listener> listener, tcp::socket socket,
                                   [[maybe_unused]] std::unique_ptr<OpenConnection> counted) {
  std::unique_ptr<Stream> stream = co_await open_stream(state, std::move(socket));
  if (!stream) co_return;
  ServerConnection connection(std::move(state), std::move(listener), std::move(stream));
  co_await connection.run();
}

// Best effort, without waiting: an answer where there is no TLS, then the close.
void turn_away(ServerState& state, tcp::socket& socket) {
  state.counters.refused_connections.fetch_add(1);
  if (state.options.tls) return;
  static const std::string answer = too_many_connections();
  [[maybe_unused]] const ssize_t sent =
      ::send(socket.native_handle(), answer.data(), answer.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
}

asio::awaitable<void> accept_loop(std::shared_ptr<ServerState> state,
                                  std::shared_ptr<Listener> listener) {
  asio::steady_timer pause(listener->executor);
  while (!state->stopping.load() && listener->acceptor.is_open()) {
    boost::system::error_code error;
    tcp::socket socket =
        co_await listener->acceptor.async_accept(asio::redirect_error(asio::use_awaitable, error));
    if (error == asio::error::operation_aborted) break;
    if (error) {
      // Out of descriptors or memory: others have to end first.
      pause.expires_after(std::chrono::milliseconds{20});
      co_await pause.async_wait(asio::redirect_error(asio::use_awaitable, error));
      continue;
    }
    state->counters.connections_accepted.fetch_add(1);
    if (state->counters.connections_open.load() >= state->limits()->connections) {
      turn_away(*state, socket);
      continue;
    }
    // Counted from here on, so that handshakes count too.
    auto counted = std::make_unique<OpenConnection>(state);
    asio::co_spawn(listener->executor,
                   serve_socket(state, listener, std::move(socket), std::move(counted)),
                   asio::detached);
  }
}

// Whether somebody listens there already: SO_REUSEPORT, which our own listeners share a port by,
// would let another process of the same user in without a word.
boost::system::error_code find_free(asio::io_context& io, const tcp::endpoint& endpoint) {
  boost::system::error_code error;
  tcp::acceptor probe(io);
  probe.open(endpoint.protocol(), error);
  if (!error) probe.set_option(asio::socket_base::reuse_address(true), error);
  if (!error) probe.bind(endpoint, error);
  return error;
}

Result<std::uint16_t> open_acceptor(tcp::acceptor& acceptor, const tcp::endpoint& endpoint,
                                    boost::system::error_code error) {
  if (!error) acceptor.open(endpoint.protocol(), error);
  if (!error) acceptor.set_option(asio::socket_base::reuse_address(true), error);
  using ReusePort = asio::detail::socket_option::boolean<SOL_SOCKET, SO_REUSEPORT>;
  if (!error) acceptor.set_option(ReusePort(true), error);
  if (!error) acceptor.bind(endpoint, error);
  if (!error) acceptor.listen(1024, error);
  if (error) {
    return Error{"cannot_listen",
                 "Cannot listen on " + endpoint.address().to_string() + " port " +
                     std::to_string(endpoint.port()) + ": " + error.message() +
                     ". Choose another address or port, or stop what uses this one.",
                 Side::us};
  }
  return acceptor.local_endpoint().port();
}

}  // namespace

Server::Server(ServerOptions options) : state_(std::make_shared<ServerState>(std::move(options))) {}

Server::~Server() { stop_accepting(); }

Result<std::uint16_t> Server::listen(asio::io_context& io, std::string_view address,
                                     std::uint16_t port) {
  boost::system::error_code error;
  const asio::ip::address parsed = asio::ip::make_address(std::string(address), error);
  if (error) {
    return Error{"bad_address",
                 "\"" + std::string(address) +
                     "\" is not an address to listen on; give a numeric one such as 127.0.0.1.",
                 Side::us};
  }
  auto listener = std::make_shared<Listener>(io);
  const tcp::endpoint endpoint(parsed, port);
  const std::lock_guard lock(state_->listeners_mutex);
  auto& ours = state_->endpoints;
  const bool is_ours = std::ranges::find(ours, endpoint) != ours.end();
  const boost::system::error_code taken =
      is_ours ? boost::system::error_code() : find_free(io, endpoint);
  Result<std::uint16_t> bound = open_acceptor(listener->acceptor, endpoint, taken);
  if (!bound) return bound;
  ours.emplace_back(parsed, *bound);
  state_->listeners.push_back(listener);
  asio::co_spawn(io, accept_loop(state_, std::move(listener)), asio::detached);
  return bound;
}

void Server::stop_accepting() {
  if (state_->stopping.exchange(true)) return;
  const std::lock_guard lock(state_->listeners_mutex);
  for (const std::weak_ptr<Listener>& weak : state_->listeners) {
    std::shared_ptr<Listener> listener = weak.lock();
    if (!listener) continue;
    asio::post(listener->executor, [listener] {
      boost::system::error_code ignored;
      listener->acceptor.close(ignored);
      for (ServerConnection* connection : listener->connections) connection->stop();
    });
  }
}

void Server::set_limits(const Limits& limits) { state_->set_limits(limits); }

std::size_t Server::open_connections() const { return state_->counters.connections_open.load(); }

const Counters& Server::counters() const { return state_->counters; }

}  // namespace purser::http
