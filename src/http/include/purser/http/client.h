// The HTTP/1.1 client for upstreams: pooled connections, TLS with certificate and host name
// checked, strict framing of answers.
//
//   Client client(io.get_executor(), {.tls = *TlsClientContext::make("")});
//   SendResult sent = co_await client.send(&target, std::move(request));
//   if (!sent.response) ...sent.failure, sent.reason, sent.request_may_have_been_sent
//   for (;;) {
//     BodyPiece piece = co_await sent.response->read_some();
//     if (piece.failure != UpstreamFailure::none) ...
//     use(piece.data);
//     if (piece.end) break;
//   }
//
// Money: a request may be billed once any byte of it was written, so the client never repeats one
// that it began to write; `request_may_have_been_sent` says whether it did. A pooled connection is
// looked at before use, and a write of which not one byte left is tried again on a new connection.
//
// Framing: an answer that could be read in two ways is refused (`bad_answer`), and a connection
// whose answer did not end cleanly, or that has bytes left behind it, is closed, not pooled.
//
// Threading: one client for each io thread; not thread-safe. It must outlive its `send`s; responses
// may outlive it (their connections are closed then). It may outlive its io_context too,
// and can send nothing after that. Asio
// resolves names on a thread of its own.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "purser/base/env.h"
#include "purser/http/fields.h"
#include "purser/http/stream.h"
#include "purser/http/tls.h"
#include "purser/http/url.h"

namespace purser::http {

enum class UpstreamFailure {
  none,
  resolve,     // no address for the host
  connect,     // refused, unreachable, or timed out
  tls,         // handshake, certificate or host name
  write,       // nothing or a part of the request was sent
  no_answer,   // sent; timed out or closed before a whole head of an answer
  bad_answer,  // unparseable, or framing that could be read in two ways
  cut,         // closed or reset in the middle of the body
  stalled,     // idle timeout in the middle of the body
  too_large,   // a head or a trailer over its limit
};
const char* to_text(UpstreamFailure failure);  // "no_answer"

struct UpstreamRequest {
  std::string method;
  std::string target;  // "/v1/messages?beta=true"; goes behind the target's base path
  Fields fields;       // Host, Content-Length and Connection are the client's own to write
  std::string body;
};

struct BodyPiece {
  UpstreamFailure failure = UpstreamFailure::none;
  std::string_view data;  // valid until the next `read_some`; may be empty at the end
  bool end = false;
};

class ClientConnection;  // private
struct ClientPool;       // private

// An answer whose head was read. Destroying it gives the connection back to the pool, if the body
// ended cleanly, both sides keep it alive and no byte is left over; else it closes it.
class UpstreamResponse {
 public:
  UpstreamResponse(std::unique_ptr<ClientConnection> connection, std::weak_ptr<ClientPool> pool);
  ~UpstreamResponse();
  UpstreamResponse(const UpstreamResponse&) = delete;
  UpstreamResponse& operator=(const UpstreamResponse&) = delete;

  int status() const;
  const Fields& fields() const;
  // The declared length of the body, or -1 where it is chunked or ends with the connection.
  std::int64_t content_length() const;

  // The next piece of the body, coding undone, as soon as there is one. After `end` or a failure
  // the same is told again.
  boost::asio::awaitable<BodyPiece> read_some();
  const std::string& failure_reason() const;  // a sentence, after a failure
  // Closes the connection now; a `read_some` under way ends as `cut`.
  void close() noexcept;

 private:
  std::unique_ptr<ClientConnection> connection_;
  std::weak_ptr<ClientPool> pool_;
};

struct SendResult {
  UpstreamFailure failure = UpstreamFailure::none;
  std::string reason;  // a sentence, where it failed
  std::unique_ptr<UpstreamResponse> response;
  bool request_may_have_been_sent = false;
};

struct ConnectResult {
  UpstreamFailure failure = UpstreamFailure::none;  // resolve, connect or tls
  std::string reason;
  std::unique_ptr<Stream> stream;
};

// How the client comes by a connection: TCP and TLS, or in tests a simulated one.
class Connector {
 public:
  virtual ~Connector() = default;
  virtual boost::asio::awaitable<ConnectResult> connect(const Target* target, Duration timeout) = 0;
};

// TCP, with TLS where the target says so; resolved addresses are kept for `dns_cache_ttl`. Without
// `tls` a TLS target fails with a sentence that says so. One for each io thread.
std::unique_ptr<Connector> make_tcp_connector(boost::asio::any_io_executor executor,
                                              std::shared_ptr<TlsClientContext> tls,
                                              Duration dns_cache_ttl, Env* env);

struct ClientOptions {
  std::shared_ptr<TlsClientContext> tls = nullptr;          // null: no https
  Duration connect_timeout = std::chrono::seconds{10};      // name, TCP and TLS together
  Duration write_timeout = std::chrono::seconds{60};        // for the whole request
  Duration first_byte_timeout = std::chrono::seconds{600};  // request sent to head read
  Duration idle_timeout = std::chrono::seconds{300};        // between two reads of a body
  Duration pool_idle_timeout = std::chrono::seconds{15};    // unused longer: closed, not reused
  Duration dns_cache_ttl = std::chrono::seconds{30};
  std::size_t pool_connections_per_target = 256;  // idle ones; more are closed
  std::size_t pool_connections = 1024;
  std::size_t head_bytes = 64 * 1024;  // of an answer
  std::size_t field_count = 200;
  std::size_t trailer_bytes = 8 * 1024;
  std::size_t chunk_line_bytes = 1024;
  std::size_t interim_answers = 8;                 // 1xx before the answer itself
  Env* env = nullptr;                              // null: system_env()
  std::unique_ptr<Connector> connector = nullptr;  // null: TCP and TLS
};

class Client {
 public:
  Client(boost::asio::any_io_executor executor, ClientOptions options);
  ~Client();
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  // `target` must stay valid until it returns.
  boost::asio::awaitable<SendResult> send(const Target* target, UpstreamRequest request);

  std::size_t idle_connections() const;
  void close_idle();

 private:
  std::shared_ptr<ClientPool> pool_;
};

}  // namespace purser::http
