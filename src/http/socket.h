// A non-blocking TCP socket with deadlines for reading and writing, under TcpStream and TlsStream.
//
// Reads and writes are tried first and waited for only where they would block; a plain read is
// Asio's, which then asks epoll for nothing new. The timer is armed anew only where a deadline
// comes before the armed one.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <chrono>
#include <memory>
#include <span>
#include <string>

#include "purser/base/env.h"
#include "purser/http/stream.h"

namespace purser::http {

using SteadyTime = std::chrono::steady_clock::time_point;

class Socket {
 public:
  explicit Socket(boost::asio::ip::tcp::socket socket);
  ~Socket();
  Socket(const Socket&) = delete;
  Socket& operator=(const Socket&) = delete;

  enum class Ready { read, write };
  // `ok`, `timed_out` or `failed` (closed). `deadline_of` says whose deadline counts: that of the
  // read or of the write under way (a TLS read may wait for writing). Begin each read or write with
  // `set_deadline`, end it with `clear_deadline`.
  boost::asio::awaitable<IoStatus> wait(Ready ready, Ready deadline_of);
  // What is there, or comes before the read's deadline, which it sets and clears.
  boost::asio::awaitable<ReadResult> receive(std::span<char> into, Duration timeout);
  void set_deadline(Ready of, Duration timeout);
  void clear_deadline(Ready of);

  int handle() { return socket_.native_handle(); }
  bool is_open() const { return socket_.is_open(); }
  void shutdown_write() noexcept;
  void close() noexcept;
  void reset() noexcept;
  // Neither closed by the peer nor holding unread bytes.
  bool is_quiet() noexcept;
  std::string peer_address() const;

  void set_reason(std::string reason) { reason_ = std::move(reason); }
  void set_system_reason(int error_number);
  const std::string& reason() const { return reason_; }

 private:
  struct Watch;
  boost::asio::ip::tcp::socket socket_;
  std::shared_ptr<Watch> watch_;
  std::string peer_address_;
  std::string reason_;
  bool ended_ = false;  // the peer has ended its side, and all of it was received
};

}  // namespace purser::http
