// For tests on real sockets: a server on its own threads, a blocking raw client, and a raw
// responder that plays an upstream byte by byte. Loopback only.
#pragma once

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_future.hpp>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "purser/http/client.h"
#include "purser/http/server.h"

namespace purser::http::testing {

// How long a test waits for something that must happen; only a broken test ever takes that long.
inline constexpr auto kPatience = std::chrono::seconds{20};

// True as soon as `condition` is; false after `kPatience`.
bool eventually(const std::function<bool()>& condition);

class RunningServer {
 public:
  explicit RunningServer(ServerOptions options, int threads = 1);
  ~RunningServer();
  std::uint16_t port() const { return port_; }
  Server& server() { return *server_; }
  const Counters& counters() const { return server_->counters(); }
  void stop_threads();

 private:
  std::unique_ptr<Server> server_;
  std::vector<std::unique_ptr<boost::asio::io_context>> contexts_;
  std::vector<std::thread> threads_;
  std::uint16_t port_ = 0;
};

// A blocking TCP socket.
class RawSocket {
 public:
  static RawSocket connect(std::uint16_t port, int receive_buffer_bytes = 0);
  explicit RawSocket(int handle) : handle_(handle) {}
  RawSocket(RawSocket&& other) noexcept : handle_(other.handle_) { other.handle_ = -1; }
  RawSocket(const RawSocket&) = delete;
  RawSocket& operator=(const RawSocket&) = delete;
  ~RawSocket();

  bool send(std::string_view bytes);
  std::string read_some();  // empty at the end
  std::string read_to_end();
  // Until `text` came; returns all that came until then.
  std::string read_until(std::string_view text);
  // One answer with its Content-Length.
  std::string read_answer();
  bool was_reset() const { return was_reset_; }
  void end_writing();
  void reset();
  int handle() const { return handle_; }

 private:
  int handle_;
  bool was_reset_ = false;
  std::string ahead_;
};

// Accepts connections one after the other and runs `play` on each, on its own thread.
class RawResponder {
 public:
  explicit RawResponder(std::function<void(RawSocket&, int connection)> play);
  ~RawResponder();
  std::uint16_t port() const { return port_; }
  int accepted() const { return accepted_; }

 private:
  int listener_ = -1;
  std::uint16_t port_ = 0;
  std::atomic<int> accepted_{0};
  std::thread thread_;
};

// Runs one coroutine to its end on an io_context of its own. `make` must not be a capturing
// coroutine lambda; it returns the coroutine.
template <typename T>
T run_on(boost::asio::io_context& io, boost::asio::awaitable<T> work) {
  std::future<T> result = boost::asio::co_spawn(io, std::move(work), boost::asio::use_future);
  io.restart();
  while (result.wait_for(std::chrono::seconds{0}) != std::future_status::ready) {
    if (io.run_one_for(kPatience) == 0) throw std::runtime_error("the coroutine does not end");
  }
  return result.get();
}

// An answer read whole.
struct Fetched {
  UpstreamFailure failure = UpstreamFailure::none;
  std::string reason;
  bool may_have_been_sent = false;
  int status = 0;
  Fields fields;
  std::string body;
  std::size_t pieces = 0;
};
boost::asio::awaitable<Fetched> fetch(Client* client, const Target* target,
                                      UpstreamRequest request);

}  // namespace purser::http::testing
