// A Stream over plain TCP.
#pragma once

#include "purser/http/stream.h"
#include "socket.h"

namespace purser::http {

class TcpStream final : public Stream {
 public:
  explicit TcpStream(boost::asio::ip::tcp::socket socket) : socket_(std::move(socket)) {}

  boost::asio::awaitable<ReadResult> read_some(std::span<char> into, Duration timeout) override;
  boost::asio::awaitable<WriteResult> write(std::string_view data, Duration timeout) override;
  boost::asio::awaitable<void> shutdown_write(Duration timeout) override;
  void close() noexcept override { socket_.close(); }
  void reset() noexcept override { socket_.reset(); }
  bool is_quiet() noexcept override { return socket_.is_quiet(); }
  std::string peer_address() const override { return socket_.peer_address(); }
  std::string failure_reason() const override { return socket_.reason(); }

 private:
  Socket socket_;
};

}  // namespace purser::http
