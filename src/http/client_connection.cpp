#include "client_connection.h"

#include <algorithm>

namespace purser::http {

namespace asio = boost::asio;

namespace {
constexpr std::size_t kHeadBufferBytes = 16 * 1024;
constexpr std::size_t kWriteSliceBytes = 256 * 1024;
}  // namespace

ClientConnection::ClientConnection(std::shared_ptr<const ClientSettings> settings, PoolKey key,
                                   std::unique_ptr<Stream> stream, bool reused)
    : settings_(std::move(settings)),
      key_(std::move(key)),
      stream_(std::move(stream)),
      reused_(reused) {}

UpstreamFailure ClientConnection::fail(UpstreamFailure failure, std::string reason) {
  failure_ = failure;
  reason_ = std::move(reason);
  stream_->close();
  return failure;
}

bool ClientConnection::is_reusable() const {
  return failure_ == UpstreamFailure::none && head_whole_ && head_.keep_alive && decoder_.done() &&
         buffer_.size() == pending_consume_;
}

asio::awaitable<UpstreamFailure> ClientConnection::exchange(const std::string* head,
                                                            const std::string* body,
                                                            bool is_head_request,
                                                            std::size_t* sent_bytes) {
  buffer_.clear();
  pending_consume_ = 0;
  head_whole_ = false;
  interim_answers_ = 0;
  const UpstreamFailure failure = co_await write_request(head, body, sent_bytes);
  if (failure != UpstreamFailure::none) co_return failure;
  co_return co_await read_head(is_head_request);
}

asio::awaitable<UpstreamFailure> ClientConnection::write_request(const std::string* head,
                                                                 const std::string* body,
                                                                 std::size_t* sent_bytes) {
  const Duration deadline = settings_->env->boot_now() + settings_->write_timeout;
  for (const std::string* part : {head, body}) {
    std::string_view left = *part;
    while (!left.empty()) {
      const std::string_view slice = left.substr(0, kWriteSliceBytes);
      left.remove_prefix(slice.size());
      const Duration timeout = deadline - settings_->env->boot_now();
      WriteResult wrote{IoStatus::timed_out, 0};
      if (timeout > Duration::zero()) wrote = co_await stream_->write(slice, timeout);
      *sent_bytes += wrote.size;
      if (wrote.status == IoStatus::ok) continue;
      co_return fail(UpstreamFailure::write,
                     wrote.status == IoStatus::timed_out
                         ? "the upstream did not take the request in time"
                         : "writing the request failed: " + stream_->failure_reason());
    }
  }
  co_return UpstreamFailure::none;
}

asio::awaitable<UpstreamFailure> ClientConnection::read_head(bool is_head_request) {
  const Duration deadline = settings_->env->boot_now() + settings_->first_byte_timeout;
  for (;;) {
    const UpstreamFailure failure = take_head(is_head_request);
    if (failure != UpstreamFailure::none || head_whole_) co_return failure;
    const Duration timeout = deadline - settings_->env->boot_now();
    const std::span<char> room = buffer_.room(kHeadBufferBytes);
    ReadResult read{IoStatus::timed_out, 0};
    if (timeout > Duration::zero()) read = co_await stream_->read_some(room, timeout);
    if (read.status == IoStatus::ok) {
      buffer_.added(read.size);
      continue;
    }
    if (read.status == IoStatus::timed_out) {
      co_return fail(UpstreamFailure::no_answer, "the upstream did not answer in time");
    }
    if (read.status == IoStatus::end) {
      co_return fail(UpstreamFailure::no_answer,
                     "the upstream closed the connection before it had answered");
    }
    co_return fail(UpstreamFailure::no_answer,
                   "the connection broke before an answer: " + stream_->failure_reason());
  }
}

UpstreamFailure ClientConnection::take_head(bool is_head_request) {
  for (;;) {
    // Scanned from its beginning each time: a head mostly comes in one piece.
    HeadScanner scanner(settings_->field_count + 1);
    const HeadScanner::State scanned = scanner.scan(buffer_.view());
    if (scanned == HeadScanner::State::more) {
      if (buffer_.size() < settings_->head_bytes) return UpstreamFailure::none;
      return fail(UpstreamFailure::too_large, "the head of the upstream's answer is too large");
    }
    if (scanned == HeadScanner::State::too_many_lines) {
      return fail(UpstreamFailure::too_large, "the upstream's answer has too many fields");
    }
    const std::size_t size = scanner.head_bytes();
    const Fault fault = scanned == HeadScanner::State::bad_line_ending
                            ? Fault::bad_line_ending
                            : parse_response_head(buffer_.view().substr(0, size),
                                                  settings_->field_count, is_head_request, head_);
    if (fault == Fault::too_many_fields || size > settings_->head_bytes) {
      return fail(UpstreamFailure::too_large, "the head of the upstream's answer is too large");
    }
    if (fault != Fault::none) {
      return fail(UpstreamFailure::bad_answer,
                  std::string("the upstream's answer is malformed: ") + describe(fault).message);
    }
    buffer_.consume(size);
    if (head_.status >= 200) break;
    if (head_.status == 101 || ++interim_answers_ > settings_->interim_answers) {
      return fail(UpstreamFailure::bad_answer, head_.status == 101
                                                   ? "the upstream switched protocols unasked"
                                                   : "the upstream sent too many interim answers");
    }
  }
  head_whole_ = true;
  decoder_ = BodyDecoder(head_.framing, settings_->chunk_line_bytes, settings_->trailer_bytes);
  return UpstreamFailure::none;
}

asio::awaitable<BodyPiece> ClientConnection::read_some() {
  buffer_.consume(pending_consume_);
  pending_consume_ = 0;
  BodyPiece piece;
  while (failure_ == UpstreamFailure::none && !decoder_.done()) {
    if (!buffer_.empty()) {
      const BodyDecoder::Step step = decoder_.decode(buffer_.span());
      pending_consume_ = step.consumed;
      if (step.fault != Fault::none) {
        fail(step.fault == Fault::trailers_too_large ? UpstreamFailure::too_large
                                                     : UpstreamFailure::bad_answer,
             std::string("the body of the upstream's answer is malformed: ") +
                 describe(step.fault).message);
        break;
      }
      if (step.produced > 0) {
        piece.data = buffer_.view().substr(0, step.produced);
        break;
      }
      buffer_.consume(pending_consume_);
      pending_consume_ = 0;
      continue;
    }
    const std::span<char> room = buffer_.room(kHeadBufferBytes);
    const ReadResult read = co_await stream_->read_some(room, settings_->idle_timeout);
    if (read.status == IoStatus::ok) {
      buffer_.added(read.size);
    } else if (read.status == IoStatus::timed_out) {
      fail(UpstreamFailure::stalled, "the upstream sent nothing more of its answer");
    } else if (read.status == IoStatus::failed || !decoder_.end_of_stream()) {
      fail(UpstreamFailure::cut,
           read.status == IoStatus::end
               ? "the upstream closed the connection within its answer"
               : "the connection broke within the answer: " + stream_->failure_reason());
    }
  }
  piece.failure = failure_;
  piece.end = failure_ == UpstreamFailure::none && decoder_.done();
  co_return piece;
}

}  // namespace purser::http
