#include "server_connection.h"

#include <algorithm>

#include "head_writer.h"

namespace purser::http {

namespace asio = boost::asio;

namespace {
constexpr std::size_t kIdleBufferBytes = 4096;
constexpr std::size_t kIdleOutBytes = 4096;
constexpr std::size_t kOneWriteBytes = 64 * 1024;     // head and body up to this leave together
constexpr std::size_t kWriteSliceBytes = 256 * 1024;  // each with the write timeout for itself
}  // namespace

ServerConnection::ServerConnection(std::shared_ptr<ServerState> state,
                                   std::shared_ptr<Listener> listener,
                                   std::unique_ptr<Stream> stream)
    : state_(std::move(state)),
      limits_(state_->limits()),
      listener_(std::move(listener)),
      stream_(std::move(stream)),
      peer_address_(stream_->peer_address()),
      scanner_(limits_->field_count + 1) {
  if (listener_) listener_->connections.insert(this);
}

ServerConnection::~ServerConnection() {
  release_charge();
  if (listener_) listener_->connections.erase(this);
}

void ServerConnection::stop() {
  if (waiting_) stream_->close();
}

asio::awaitable<void> ServerConnection::run() {
  for (;;) {
    if (state_->stopping.load(std::memory_order_relaxed) && buffer_.empty()) break;
    const Next next = co_await read_head();
    if (next == Next::closed) break;
    if (next == Next::refused) {
      co_await refuse(fault_);
      break;
    }
    ++requests_;
    state_->counters.requests.fetch_add(1, std::memory_order_relaxed);
    co_await exchange();
    release_charge();
    if (gone_) break;
    if (requests_ == limits().requests_per_connection) {
      state_->counters.requests_per_connection_reached.fetch_add(1);
    }
    if (closing_) {
      // A client that asked for the close sends nothing more; any other may be sending.
      if (!body_whole_ || !buffer_.empty() || head_.keep_alive) co_await linger();
      break;
    }
    buffer_.shrink(kIdleBufferBytes);
    if (out_.capacity() > kIdleOutBytes) std::string().swap(out_);
  }
  stream_->close();
}

asio::awaitable<ServerConnection::Next> ServerConnection::read_head() {
  scanner_.reset();
  bool begun = !buffer_.empty();
  Duration deadline = begun ? now() + limits().head_timeout : Duration{};
  for (;;) {
    if (!buffer_.empty()) {
      const HeadScanner::State scanned = scanner_.scan(buffer_.view());
      if (scanned == HeadScanner::State::complete) co_return take_head();
      fault_ = scanned == HeadScanner::State::bad_line_ending  ? Fault::bad_line_ending
               : scanned == HeadScanner::State::too_many_lines ? Fault::too_many_fields
                                                               : Fault::none;
      if (fault_ == Fault::none && buffer_.size() >= limits().head_bytes) {
        fault_ = scanner_.first_line_seen() ? Fault::head_too_large : Fault::target_too_long;
      }
      if (fault_ != Fault::none) co_return Next::refused;
    }
    const Duration left = begun ? deadline - now() : limits().idle_timeout;
    const std::span<char> room = buffer_.room(kIdleBufferBytes);
    waiting_ = !begun;
    ReadResult read{IoStatus::timed_out, 0};
    if (left > Duration::zero()) read = co_await stream_->read_some(room, left);
    waiting_ = false;
    if (read.status == IoStatus::timed_out && begun) {
      state_->counters.head_timeouts.fetch_add(1);
      fault_ = Fault::none;
      co_return Next::refused;
    }
    if (read.status != IoStatus::ok) {
      if (begun) state_->counters.clients_gone.fetch_add(1);
      if (read.status == IoStatus::timed_out) state_->counters.idle_timeouts.fetch_add(1);
      co_return Next::closed;
    }
    buffer_.added(read.size);
    if (!begun) deadline = now() + limits().head_timeout;
    begun = true;
  }
}

ServerConnection::Next ServerConnection::take_head() {
  const std::size_t size = scanner_.head_bytes();
  fault_ = size > limits().head_bytes
               ? Fault::head_too_large
               : parse_request_head(buffer_.view().substr(0, size), limits(), head_, framing_);
  if (fault_ != Fault::none) return Next::refused;
  buffer_.consume(size);
  return Next::request;
}

void ServerConnection::begin_exchange() {
  body_asked_ = false;
  body_whole_ = framing_.kind == BodyFraming::Kind::none;
  started_ = finished_ = chunked_ = silent_ = closing_ = false;
}

asio::awaitable<void> ServerConnection::exchange() {
  begin_exchange();
  ServerExchange exchange(*this);
  bool threw = false;
  try {
    co_await state_->options.handler(exchange);
  } catch (...) {
    // A surprise in one exchange fails that request alone.
    threw = true;
  }
  if (threw) state_->counters.handler_failures.fetch_add(1);
  if (finished_ || gone_) co_return;
  if (started_) {
    abort();
    co_return;
  }
  if (!threw) state_->counters.handler_failures.fetch_add(1);
  Response response =
      error_response(500, "internal_error", "Something went wrong on our side with this request.");
  co_await send(std::move(response));
}

asio::awaitable<void> ServerConnection::refuse(Fault fault) {
  count(fault);
  // Whatever was parsed of the head is not to be trusted.
  head_ = RequestHead{};
  head_.keep_alive = false;
  framing_ = BodyFraming{};
  begin_exchange();
  body_whole_ = false;
  const FaultText& text = describe(fault);
  Response response =
      fault == Fault::none
          ? error_response(408, "head_timeout", "The request's head did not arrive in time.")
          : error_response(text.status, text.code, text.message);
  const bool sent = co_await send(std::move(response));
  if (sent) co_await linger();
}

void ServerConnection::count(Fault fault) {
  Counters& counters = state_->counters;
  switch (fault) {
    case Fault::none:
      return;
    case Fault::head_too_large:
      counters.refused_head_too_large.fetch_add(1);
      return;
    case Fault::too_many_fields:
      counters.refused_too_many_fields.fetch_add(1);
      return;
    case Fault::target_too_long:
      counters.refused_target_too_long.fetch_add(1);
      return;
    default:
      counters.refused_bad_request.fetch_add(1);
  }
}

// Closing a socket that has unread bytes resets it, and the client may lose the answer. So our side
// ends first, and what still comes is read and thrown away, for a while.
asio::awaitable<void> ServerConnection::linger() {
  buffer_.clear();
  const Duration deadline = now() + limits().linger_timeout;
  co_await stream_->shutdown_write(limits().linger_timeout);
  std::size_t dropped = 0;
  while (dropped < limits().linger_bytes) {
    const Duration left = deadline - now();
    const std::span<char> room = buffer_.room(kIdleBufferBytes);
    ReadResult read{IoStatus::timed_out, 0};
    if (left > Duration::zero()) read = co_await stream_->read_some(room, left);
    if (read.status == IoStatus::timed_out) break;
    if (read.status != IoStatus::ok) co_return;
    dropped += read.size;
  }
  state_->counters.lingers_cut.fetch_add(1);
}

bool ServerConnection::may_keep_alive() const {
  return head_.keep_alive && body_whole_ && requests_ < limits().requests_per_connection &&
         !state_->stopping.load(std::memory_order_relaxed);
}

bool ServerConnection::answer_has_no_body(int status) const {
  return head_.method == "HEAD" || status == 204 || status == 304;
}

void ServerConnection::append_head(int status, const Fields& fields) {
  out_.clear();
  append_status_line(out_, status);
  if (!fields.contains("date")) {
    append_field(out_, "date", http_date(state_->options.env->utc_now()));
  }
  const std::size_t dropped = append_fields(out_, fields);
  if (dropped > 0) state_->counters.invalid_fields_dropped.fetch_add(dropped);
  if (closing_) out_ += "connection: close\r\n";
}

asio::awaitable<bool> ServerConnection::send(Response response) {
  if (started_ || gone_) {
    abort();
    co_return false;
  }
  started_ = true;
  closing_ = !may_keep_alive();
  append_head(response.status, response.fields);
  if (response.status != 204 && response.status != 304) {
    out_ += "content-length: ";
    append_number(out_, response.body.size());
    out_ += "\r\n";
  }
  out_ += "\r\n";
  const bool with_body = !answer_has_no_body(response.status) && !response.body.empty();
  const bool together = with_body && response.body.size() <= kOneWriteBytes;
  if (together) out_ += response.body;
  bool written = co_await flush(out_);
  if (written && with_body && !together) written = co_await flush(response.body);
  finished_ = written;
  co_return written;
}

asio::awaitable<bool> ServerConnection::start(int status, Fields fields,
                                              std::string_view first_piece) {
  if (started_ || gone_) {
    abort();
    co_return false;
  }
  started_ = true;
  silent_ = answer_has_no_body(status);
  chunked_ = !silent_ && !head_.http_1_0;
  closing_ = !may_keep_alive();
  append_head(status, fields);
  if (chunked_) out_ += "transfer-encoding: chunked\r\n";
  out_ += "\r\n";
  append_piece(first_piece);
  co_return co_await flush(out_);
}

void ServerConnection::append_piece(std::string_view piece) {
  if (piece.empty() || silent_) return;
  if (!chunked_) {
    out_ += piece;
    return;
  }
  append_number(out_, piece.size(), 16);
  out_.append("\r\n").append(piece).append("\r\n");
}

asio::awaitable<bool> ServerConnection::write(std::string_view piece) {
  if (!started_ || finished_) {
    abort();
    co_return false;
  }
  if (gone_) co_return false;
  // In slices, so that a large piece is not copied whole into the buffer.
  while (!piece.empty()) {
    const std::string_view slice = piece.substr(0, kOneWriteBytes);
    piece.remove_prefix(slice.size());
    out_.clear();
    append_piece(slice);
    const bool written = co_await flush(out_);
    if (!written) co_return false;
  }
  co_return true;
}

asio::awaitable<bool> ServerConnection::finish(std::string_view last_piece) {
  if (!started_ || finished_) {
    abort();
    co_return false;
  }
  if (last_piece.size() > kOneWriteBytes) {
    const bool written = co_await write(last_piece);
    if (!written) co_return false;
    last_piece = {};
  }
  out_.clear();
  append_piece(last_piece);
  if (chunked_) out_ += "0\r\n\r\n";
  finished_ = co_await flush(out_);
  co_return finished_;
}

asio::awaitable<bool> ServerConnection::flush(std::string_view data) {
  while (!gone_ && !data.empty()) {
    const std::string_view slice = data.substr(0, kWriteSliceBytes);
    data.remove_prefix(slice.size());
    const WriteResult wrote = co_await stream_->write(slice, limits().write_timeout);
    if (wrote.status == IoStatus::ok) continue;
    Counters& counters = state_->counters;
    (wrote.status == IoStatus::timed_out ? counters.write_timeouts : counters.clients_gone)
        .fetch_add(1);
    gone_ = true;
    // A slow reader's unsent bytes would otherwise stay with the kernel.
    stream_->reset();
  }
  co_return !gone_;
}

void ServerConnection::abort() {
  if (gone_) return;
  gone_ = true;
  state_->counters.responses_aborted.fetch_add(1);
  // A chunked answer without its last chunk is visibly cut. One that ends with the connection is
  // not, so that is reset.
  if (started_ && !chunked_) {
    stream_->reset();
  } else {
    stream_->close();
  }
}

asio::awaitable<void> serve_connection(std::shared_ptr<ServerState> state,
                                       std::unique_ptr<Stream> stream) {
  const OpenConnection counted(state);
  ServerConnection connection(std::move(state), nullptr, std::move(stream));
  co_await connection.run();
}

const RequestHead& ServerExchange::head() const { return connection_.head(); }
std::string_view ServerExchange::peer_address() const { return connection_.peer_address(); }
bool ServerExchange::started() const { return connection_.started(); }
bool ServerExchange::finished() const { return connection_.finished(); }
void ServerExchange::abort() { connection_.abort(); }

asio::awaitable<Result<std::string>> ServerExchange::read_body(std::size_t limit_bytes) {
  return connection_.read_body(limit_bytes);
}
bool ServerExchange::keep(std::size_t bytes) { return connection_.charge(bytes); }
asio::awaitable<bool> ServerExchange::send(Response response) {
  return connection_.send(std::move(response));
}
asio::awaitable<bool> ServerExchange::start(int status, Fields fields,
                                            std::string_view first_piece) {
  return connection_.start(status, std::move(fields), first_piece);
}
asio::awaitable<bool> ServerExchange::write(std::string_view piece) {
  return connection_.write(piece);
}
asio::awaitable<bool> ServerExchange::finish(std::string_view last_piece) {
  return connection_.finish(last_piece);
}

}  // namespace purser::http
