#include "tcp_stream.h"

#include <sys/socket.h>

#include <cerrno>

namespace purser::http {

namespace asio = boost::asio;
using Ready = Socket::Ready;

namespace {
bool would_block(int error) { return error == EAGAIN || error == EWOULDBLOCK; }
}  // namespace

asio::awaitable<ReadResult> TcpStream::read_some(std::span<char> into, Duration timeout) {
  return socket_.receive(into, timeout);
}

asio::awaitable<WriteResult> TcpStream::write(std::string_view data, Duration timeout) {
  bool waited = false;
  WriteResult result;
  while (result.size < data.size()) {
    if (!socket_.is_open()) {
      result.status = IoStatus::failed;
      break;
    }
    const ssize_t size = ::send(socket_.handle(), data.data() + result.size,
                                data.size() - result.size, MSG_NOSIGNAL);
    if (size >= 0) {
      result.size += static_cast<std::size_t>(size);
      continue;
    }
    const int error = errno;
    if (error == EINTR) continue;
    if (!would_block(error)) {
      socket_.set_system_reason(error);
      result.status = IoStatus::failed;
      break;
    }
    if (!waited) socket_.set_deadline(Ready::write, timeout);
    waited = true;
    result.status = co_await socket_.wait(Ready::write, Ready::write);
    if (result.status != IoStatus::ok) break;
  }
  if (waited) socket_.clear_deadline(Ready::write);
  co_return result;
}

asio::awaitable<void> TcpStream::shutdown_write(Duration) {
  socket_.shutdown_write();
  co_return;
}

}  // namespace purser::http
