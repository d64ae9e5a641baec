// How a request's body is read whole: bounded in size, in time, and over all connections together.
#include <algorithm>

#include "server_connection.h"

namespace purser::http {

namespace asio = boost::asio;

namespace {
constexpr std::size_t kFirstBodyBytes = 64 * 1024;
constexpr std::size_t kBodyBufferBytes = 16 * 1024;
}  // namespace

int ServerExchange::suggested_status(const Error& error) {
  if (error.code == "body_too_large") return 413;
  if (error.code == "body_timeout") return 408;
  if (error.code == "buffered_full") return 503;
  return 400;
}

asio::awaitable<Result<std::string>> ServerConnection::read_body(std::size_t limit_bytes) {
  limit_bytes = std::min(limit_bytes, limits().body_bytes);
  if (!head_.has_body) co_return std::string();
  if (body_asked_) {
    co_return body_error("body_already_read", "The body of a request is read once.");
  }
  body_asked_ = true;
  if (framing_.kind == BodyFraming::Kind::length && framing_.length > limit_bytes) {
    state_->counters.refused_body_too_large.fetch_add(1);
    co_return body_error("body_too_large", "The request's body is larger than this server takes.");
  }
  if (head_.expects_continue && buffer_.empty()) {
    const bool written = co_await flush("HTTP/1.1 100 Continue\r\n\r\n");
    if (!written) co_return body_error("client_gone", "The client closed the connection.");
  }
  body_deadline_ = now() + limits().body_total_timeout;
  if (framing_.kind == BodyFraming::Kind::length) co_return co_await read_length_body();
  co_return co_await read_chunked_body(limit_bytes);
}

// Straight into the string it is returned in. The string grows with what has come, not with what
// was announced, so that announcing costs nothing.
asio::awaitable<Result<std::string>> ServerConnection::read_length_body() {
  const auto length = static_cast<std::size_t>(framing_.length);
  std::string body;
  std::size_t filled = 0;
  while (filled < length) {
    if (filled == body.size()) {
      const std::size_t wanted =
          std::min(length, std::max({kFirstBodyBytes, filled * 2, buffer_.size()}));
      if (!charge(wanted)) {
        co_return body_error("buffered_full", "The server holds too many request bodies just now.");
      }
      body.resize(wanted);
    }
    if (!buffer_.empty()) {
      const std::size_t size = std::min(buffer_.size(), body.size() - filled);
      buffer_.view().copy(body.data() + filled, size);
      buffer_.consume(size);
      filled += size;
      continue;
    }
    const std::span<char> room(body.data() + filled, body.size() - filled);
    const ReadResult read = co_await read_for_body(room);
    if (read.status != IoStatus::ok) co_return body_read_error(read.status);
    filled += read.size;
  }
  body_whole_ = true;
  co_return body;
}

asio::awaitable<Result<std::string>> ServerConnection::read_chunked_body(std::size_t limit_bytes) {
  BodyDecoder decoder(framing_, limits().chunk_line_bytes, limits().trailer_bytes);
  std::string body;
  for (;;) {
    if (!buffer_.empty()) {
      const BodyDecoder::Step step = decoder.decode(buffer_.span());
      if (body.size() + step.produced > limit_bytes) {
        state_->counters.refused_body_too_large.fetch_add(1);
        co_return body_error("body_too_large",
                             "The request's body is larger than this server takes.");
      }
      if (body.size() + step.produced > body.capacity()) {
        const std::size_t wanted = std::max(body.size() + step.produced, body.capacity() * 2);
        if (!charge(wanted)) {
          co_return body_error("buffered_full",
                               "The server holds too many request bodies just now.");
        }
        body.reserve(wanted);
      }
      body += buffer_.view().substr(0, step.produced);
      buffer_.consume(step.consumed);
      if (step.fault != Fault::none) {
        count(step.fault);
        co_return body_error("bad_framing", describe(step.fault).message);
      }
      if (decoder.done()) break;
    }
    const std::span<char> room = buffer_.room(kBodyBufferBytes);
    const ReadResult read = co_await read_for_body(room);
    if (read.status != IoStatus::ok) co_return body_read_error(read.status);
    buffer_.added(read.size);
  }
  body_whole_ = true;
  co_return body;
}

asio::awaitable<ReadResult> ServerConnection::read_for_body(std::span<char> into) {
  const Duration left = std::min(limits().body_idle_timeout, body_deadline_ - now());
  if (left <= Duration::zero()) co_return ReadResult{IoStatus::timed_out, 0};
  co_return co_await stream_->read_some(into, left);
}

Error ServerConnection::body_error(const char* code, const char* message) {
  return Error{code, message, Side::client};
}

Error ServerConnection::body_read_error(IoStatus status) {
  if (status == IoStatus::timed_out) {
    state_->counters.body_timeouts.fetch_add(1);
    return body_error("body_timeout", "The request's body did not arrive in time.");
  }
  state_->counters.clients_gone.fetch_add(1);
  return body_error("client_gone", "The client closed the connection within its request.");
}

// Accounts for `bytes` held for this exchange in all; false, where the server holds too many.
bool ServerConnection::charge(std::size_t bytes) {
  if (bytes <= charged_bytes_) return true;
  const std::size_t more = bytes - charged_bytes_;
  auto& total = state_->counters.buffered_bytes;
  if (total.fetch_add(more) + more > limits().buffered_bytes) {
    total.fetch_sub(more);
    state_->counters.refused_buffered_full.fetch_add(1);
    return false;
  }
  charged_bytes_ = bytes;
  return true;
}

void ServerConnection::release_charge() {
  if (charged_bytes_ > 0) state_->counters.buffered_bytes.fetch_sub(charged_bytes_);
  charged_bytes_ = 0;
}

}  // namespace purser::http
