#include "socket.h"

#include <sys/socket.h>

#include <algorithm>
#include <boost/asio/buffer.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <cerrno>
#include <system_error>

namespace purser::http {

namespace asio = boost::asio;
using asio::ip::tcp;

namespace {
constexpr SteadyTime kNever = SteadyTime::max();
}

// Outlives the socket for as long as its timer's handler is queued.
struct Socket::Watch : std::enable_shared_from_this<Socket::Watch> {
  Watch(const asio::any_io_executor& executor, tcp::socket* watched)
      : timer(executor), socket(watched) {}

  void arm_for(SteadyTime deadline) {
    if (deadline >= armed_for) return;
    armed_for = deadline;
    timer.expires_at(deadline);  // ends an earlier wait with operation_aborted
    timer.async_wait([self = shared_from_this()](const boost::system::error_code& error) {
      if (error || self->socket == nullptr) return;
      self->armed_for = kNever;
      self->check();
    });
  }

  void check() {
    const SteadyTime now = std::chrono::steady_clock::now();
    bool expired = false;
    SteadyTime next = kNever;
    for (const auto of : {0, 1}) {
      if (deadlines[of] <= now) {
        timed_out[of] = expired = true;
        deadlines[of] = kNever;
      }
      next = std::min(next, deadlines[of]);
    }
    if (expired) {
      boost::system::error_code ignored;
      socket->cancel(ignored);
    }
    if (next != kNever) arm_for(next);
  }

  asio::steady_timer timer;
  tcp::socket* socket;
  SteadyTime armed_for = kNever;
  SteadyTime deadlines[2] = {kNever, kNever};
  bool timed_out[2] = {false, false};
};

Socket::Socket(tcp::socket socket)
    : socket_(std::move(socket)),
      watch_(std::make_shared<Watch>(socket_.get_executor(), &socket_)) {
  boost::system::error_code ignored;
  socket_.non_blocking(true, ignored);
  socket_.set_option(tcp::no_delay(true), ignored);
  const tcp::endpoint peer = socket_.remote_endpoint(ignored);
  if (!ignored) {
    const asio::ip::address address = peer.address();
    peer_address_ =
        address.is_v6() && address.to_v6().is_v4_mapped()
            ? asio::ip::make_address_v4(asio::ip::v4_mapped, address.to_v6()).to_string()
            : address.to_string();
  }
}

Socket::~Socket() {
  watch_->socket = nullptr;
  watch_->timer.cancel();
}

asio::awaitable<IoStatus> Socket::wait(Ready ready, Ready deadline_of) {
  const auto of = static_cast<int>(deadline_of);
  const auto kind = ready == Ready::read ? tcp::socket::wait_read : tcp::socket::wait_write;
  if (!socket_.is_open()) co_return IoStatus::failed;
  if (watch_->timed_out[of]) co_return IoStatus::timed_out;
  boost::system::error_code error;
  co_await socket_.async_wait(kind, asio::redirect_error(asio::use_awaitable, error));
  if (!socket_.is_open()) {
    if (reason_.empty()) reason_ = "the connection was closed on this side";
    co_return IoStatus::failed;
  }
  if (watch_->timed_out[of]) co_return IoStatus::timed_out;
  // A cancel for the other direction's deadline: the caller tries again.
  co_return IoStatus::ok;
}

asio::awaitable<ReadResult> Socket::receive(std::span<char> into, Duration timeout) {
  const auto of = static_cast<int>(Ready::read);
  ReadResult result;
  if (ended_) {
    result.status = IoStatus::end;  // Asio would wait: it is told of an end once
    co_return result;
  }
  boost::system::error_code error;
  set_deadline(Ready::read, timeout);
  do {
    result.size = co_await socket_.async_read_some(
        asio::buffer(into.data(), into.size()), asio::redirect_error(asio::use_awaitable, error));
    // Aborted, but neither closed nor late: a cancel for the write's deadline.
  } while (error == asio::error::operation_aborted && socket_.is_open() && !watch_->timed_out[of]);
  clear_deadline(Ready::read);
  if (!socket_.is_open()) {
    // Also where something had come: what is handed on after a close would be taken for a request.
    result = {IoStatus::failed, 0};
    if (reason_.empty()) reason_ = "the connection was closed on this side";
  } else if (error == asio::error::eof) {
    ended_ = true;
    result.status = IoStatus::end;
  } else if (error == asio::error::operation_aborted) {
    result.status = IoStatus::timed_out;
  } else if (error) {
    result.status = IoStatus::failed;
    reason_ = error.message();
  }
  co_return result;
}

void Socket::set_deadline(Ready of, Duration timeout) {
  const auto index = static_cast<int>(of);
  watch_->timed_out[index] = false;
  watch_->deadlines[index] =
      std::chrono::steady_clock::now() +
      std::chrono::duration_cast<std::chrono::steady_clock::duration>(timeout);
  watch_->arm_for(watch_->deadlines[index]);
}

void Socket::clear_deadline(Ready of) { watch_->deadlines[static_cast<int>(of)] = kNever; }

void Socket::shutdown_write() noexcept {
  boost::system::error_code ignored;
  socket_.shutdown(tcp::socket::shutdown_send, ignored);
}

void Socket::close() noexcept {
  boost::system::error_code ignored;
  socket_.close(ignored);
}

void Socket::reset() noexcept {
  boost::system::error_code ignored;
  socket_.set_option(asio::socket_base::linger(true, 0), ignored);
  socket_.close(ignored);
}

bool Socket::is_quiet() noexcept {
  if (!socket_.is_open()) return false;
  char byte;
  const ssize_t size = ::recv(handle(), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
  return size < 0 && (errno == EAGAIN || errno == EWOULDBLOCK);
}

std::string Socket::peer_address() const { return peer_address_; }

void Socket::set_system_reason(int error_number) {
  reason_ = std::generic_category().message(error_number);
}

}  // namespace purser::http
