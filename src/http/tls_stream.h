// A Stream over TLS: OpenSSL straight on the non-blocking socket. Not Asio's ssl::stream, whose two
// fixed buffers cost 34 kB for each idle connection; OpenSSL's own are released between records.
#pragma once

#include <openssl/ssl.h>

#include <memory>
#include <string>

#include "purser/http/stream.h"
#include "socket.h"

namespace purser::http {

class TlsStream final : public Stream {
 public:
  TlsStream(boost::asio::ip::tcp::socket socket, SSL_CTX* context);
  ~TlsStream() override;

  boost::asio::awaitable<IoStatus> accept_handshake(Duration timeout);
  // Checks the peer's certificate for `host` (a name or an address) and asks for it by SNI.
  boost::asio::awaitable<IoStatus> connect_handshake(std::string host, Duration timeout);

  boost::asio::awaitable<ReadResult> read_some(std::span<char> into, Duration timeout) override;
  boost::asio::awaitable<WriteResult> write(std::string_view data, Duration timeout) override;
  boost::asio::awaitable<void> shutdown_write(Duration timeout) override;
  void close() noexcept override;
  void reset() noexcept override { socket_.reset(); }
  bool is_quiet() noexcept override;
  std::string peer_address() const override { return socket_.peer_address(); }
  std::string failure_reason() const override { return socket_.reason(); }

 private:
  boost::asio::awaitable<IoStatus> handshake(Duration timeout);
  // After an OpenSSL call that did not succeed: waits for what it wants, or says how it ended.
  boost::asio::awaitable<IoStatus> settle(int result, Socket::Ready deadline_of);
  void note_failure(int ssl_error, int error_number);

  struct Free {
    void operator()(SSL* ssl) const { SSL_free(ssl); }
  };
  Socket socket_;
  std::unique_ptr<SSL, Free> ssl_;
  bool broken_ = false;  // after a fatal error OpenSSL must not be called again
};

}  // namespace purser::http
