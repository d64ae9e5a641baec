#include "net_support.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <future>
#include <stdexcept>

namespace purser::http::testing {

bool eventually(const std::function<bool()>& condition) {
  const auto until = std::chrono::steady_clock::now() + kPatience;
  while (!condition()) {
    if (std::chrono::steady_clock::now() > until) return false;
    std::this_thread::yield();
  }
  return true;
}

RunningServer::RunningServer(ServerOptions options, int threads)
    : server_(std::make_unique<Server>(std::move(options))) {
  for (int i = 0; i < threads; ++i) {
    contexts_.push_back(std::make_unique<boost::asio::io_context>(1));
    port_ = server_->listen(*contexts_.back(), "127.0.0.1", port_).value();
  }
  for (auto& context : contexts_) threads_.emplace_back([io = context.get()] { io->run(); });
}

void RunningServer::stop_threads() {
  for (auto& context : contexts_) context->stop();
  for (auto& thread : threads_) thread.join();
  threads_.clear();
  contexts_.clear();
}

RunningServer::~RunningServer() { stop_threads(); }

namespace {

void set_patience(int handle) {
  const timeval patience{std::chrono::seconds{kPatience}.count(), 0};
  setsockopt(handle, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  setsockopt(handle, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
}

sockaddr_in loopback(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

}  // namespace

RawSocket RawSocket::connect(std::uint16_t port, int receive_buffer_bytes) {
  RawSocket made(::socket(AF_INET, SOCK_STREAM, 0));
  set_patience(made.handle_);
  if (receive_buffer_bytes > 0) {
    setsockopt(made.handle_, SOL_SOCKET, SO_RCVBUF, &receive_buffer_bytes,
               sizeof receive_buffer_bytes);
  }
  const sockaddr_in address = loopback(port);
  if (::connect(made.handle_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    throw std::runtime_error("connect failed");
  }
  return made;
}

RawSocket::~RawSocket() {
  if (handle_ >= 0) ::close(handle_);
}

bool RawSocket::send(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t size = ::send(handle_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (size <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(size));
  }
  return true;
}

std::string RawSocket::read_some() {
  if (!ahead_.empty()) return std::exchange(ahead_, {});
  std::string bytes(65536, '\0');
  const ssize_t size = ::recv(handle_, bytes.data(), bytes.size(), 0);
  if (size < 0 && errno == ECONNRESET) was_reset_ = true;
  if (size < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) {
    throw std::runtime_error("nothing came");
  }
  bytes.resize(size > 0 ? static_cast<std::size_t>(size) : 0);
  return bytes;
}

std::string RawSocket::read_to_end() {
  std::string all;
  for (std::string some = read_some(); !some.empty(); some = read_some()) all += some;
  return all;
}

std::string RawSocket::read_until(std::string_view text) {
  std::string all;
  for (;;) {
    const std::size_t at = all.find(text);
    if (at != std::string::npos) {
      ahead_ = all.substr(at + text.size()) + ahead_;
      return all.substr(0, at + text.size());
    }
    const std::string some = read_some();
    if (some.empty()) return all;
    all += some;
  }
}

std::string RawSocket::read_answer() {
  std::string answer = read_until("\r\n\r\n");
  const std::size_t at = answer.find("content-length: ");
  if (at == std::string::npos) return answer;
  const std::size_t whole = answer.size() + std::stoul(answer.substr(at + 16));
  while (answer.size() < whole) {
    const std::string some = read_some();
    if (some.empty()) return answer;
    answer += some;
  }
  ahead_ = answer.substr(whole) + ahead_;
  answer.resize(whole);
  return answer;
}

void RawSocket::end_writing() { ::shutdown(handle_, SHUT_WR); }

void RawSocket::reset() {
  const linger now{1, 0};
  setsockopt(handle_, SOL_SOCKET, SO_LINGER, &now, sizeof now);
  ::close(handle_);
  handle_ = -1;
}

RawResponder::RawResponder(std::function<void(RawSocket&, int)> play) {
  listener_ = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address = loopback(0);
  socklen_t size = sizeof address;
  if (::bind(listener_, reinterpret_cast<const sockaddr*>(&address), size) != 0 ||
      ::listen(listener_, 16) != 0 ||
      ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size) != 0) {
    throw std::runtime_error("cannot listen");
  }
  port_ = ntohs(address.sin_port);
  thread_ = std::thread([this, play = std::move(play)] {
    for (;;) {
      const int handle = ::accept(listener_, nullptr, nullptr);
      if (handle < 0) return;
      set_patience(handle);
      RawSocket socket(handle);
      play(socket, accepted_.fetch_add(1));
    }
  });
}

RawResponder::~RawResponder() {
  ::shutdown(listener_, SHUT_RDWR);
  thread_.join();
  ::close(listener_);
}

boost::asio::awaitable<Fetched> fetch(Client* client, const Target* target,
                                      UpstreamRequest request) {
  Fetched fetched;
  SendResult sent = co_await client->send(target, std::move(request));
  fetched.failure = sent.failure;
  fetched.reason = sent.reason;
  fetched.may_have_been_sent = sent.request_may_have_been_sent;
  if (!sent.response) co_return fetched;
  fetched.status = sent.response->status();
  fetched.fields = sent.response->fields();
  for (;;) {
    const BodyPiece piece = co_await sent.response->read_some();
    fetched.body += piece.data;
    ++fetched.pieces;
    fetched.failure = piece.failure;
    if (piece.failure != UpstreamFailure::none) fetched.reason = sent.response->failure_reason();
    if (piece.end || piece.failure != UpstreamFailure::none) break;
  }
  co_return fetched;
}

}  // namespace purser::http::testing
