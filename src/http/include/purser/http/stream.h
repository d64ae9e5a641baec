// The seam under server and client: a stream of bytes to one peer. TCP and TLS stand behind it, and
// in tests a simulated one. Deadlines are the stream's own, so that a test's stream can run on
// simulated time.
//
// Threading: a stream belongs to one io thread. At most one read and one write are under way at a
// time. `close` may be called while either is: it ends with `failed`.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <cstddef>
#include <span>
#include <string>
#include <string_view>

#include "purser/base/env.h"

namespace purser::http {

enum class IoStatus {
  ok,
  end,        // reading only: the peer ended its side in an orderly way
  timed_out,  // nothing moved for as long as the caller allowed
  failed,     // reset, broken TLS, closed by us; `failure_reason` says more
};

struct ReadResult {
  IoStatus status = IoStatus::ok;
  std::size_t size = 0;  // at least 1 where ok
};

struct WriteResult {
  IoStatus status = IoStatus::ok;
  // How many bytes left this process. Where it is 0, the peer cannot have seen any of them.
  std::size_t size = 0;
};

class Stream {
 public:
  virtual ~Stream() = default;
  // Some bytes, as soon as there are any.
  virtual boost::asio::awaitable<ReadResult> read_some(std::span<char> into, Duration timeout) = 0;
  // All of it; `timeout` is for the whole write, so a peer that reads slowly cannot hold it open.
  virtual boost::asio::awaitable<WriteResult> write(std::string_view data, Duration timeout) = 0;
  // Ends our side; the peer can still be read. Before `close`, so that the last answer arrives.
  virtual boost::asio::awaitable<void> shutdown_write(Duration timeout) = 0;
  virtual void close() noexcept = 0;
  // Closes so that the peer sees a failure, never a clean end (TCP: a reset).
  virtual void reset() noexcept { close(); }
  // Neither closed by the peer nor holding bytes that nobody asked for. Does not block.
  virtual bool is_quiet() noexcept = 0;
  virtual std::string peer_address() const = 0;    // "127.0.0.1", "2001:db8::1"; no port
  virtual std::string failure_reason() const = 0;  // a short sentence, after `failed`
};

}  // namespace purser::http
