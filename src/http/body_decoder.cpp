#include "body_decoder.h"

#include <algorithm>
#include <cstring>

#include "characters.h"

namespace purser::http {

namespace {

constexpr std::size_t kMaxSizeDigits = 15;  // below 2^60, so sums of two cannot overflow
// So that a body of many small chunks with long extensions costs its sender more than us.
constexpr std::size_t kMaxExtensionLines = 16;

std::uint64_t hex_value(char c) {
  if (c <= '9') return static_cast<std::uint64_t>(c - '0');
  return static_cast<std::uint64_t>((c | 0x20) - 'a' + 10);
}

}  // namespace

BodyDecoder::BodyDecoder(const BodyFraming& framing, std::size_t max_line_bytes,
                         std::size_t max_trailer_bytes)
    : max_line_bytes_(max_line_bytes), max_trailer_bytes_(max_trailer_bytes) {
  switch (framing.kind) {
    case BodyFraming::Kind::none:
      state_ = State::done;
      break;
    case BodyFraming::Kind::length:
      state_ = framing.length > 0 ? State::length : State::done;
      left_ = framing.length;
      break;
    case BodyFraming::Kind::chunked:
      begin_chunk_line();
      break;
    case BodyFraming::Kind::until_close:
      state_ = State::until_close;
      break;
  }
}

void BodyDecoder::begin_chunk_line() {
  state_ = State::chunk_size;
  left_ = 0;
  digits_ = 0;
  line_bytes_ = 0;
}

BodyDecoder::Step BodyDecoder::decode(std::span<char> input) {
  Step result;
  while (result.consumed < input.size() && state_ != State::done) {
    if (state_ != State::length && state_ != State::until_close && state_ != State::chunk_data) {
      result.fault = step(input[result.consumed]);
      if (result.fault != Fault::none) return result;
      ++result.consumed;
      continue;
    }
    std::size_t size = input.size() - result.consumed;
    if (state_ != State::until_close) {
      size = static_cast<std::size_t>(std::min<std::uint64_t>(size, left_));
      left_ -= size;
    }
    if (result.produced != result.consumed) {
      std::memmove(input.data() + result.produced, input.data() + result.consumed, size);
    }
    result.produced += size;
    result.consumed += size;
    if (state_ != State::until_close && left_ == 0) {
      state_ = state_ == State::length ? State::done : State::chunk_data_cr;
    }
  }
  return result;
}

bool BodyDecoder::end_of_stream() {
  if (state_ == State::until_close) state_ = State::done;
  return state_ == State::done;
}

Fault BodyDecoder::step(char c) {
  switch (state_) {
    case State::chunk_size:
      if (is_of(c, kHexByte)) {
        if (++digits_ > kMaxSizeDigits) return Fault::bad_chunk;
        left_ = left_ * 16 + hex_value(c);
        return Fault::none;
      }
      if (digits_ == 0) return Fault::bad_chunk;
      if (c == ';') {
        state_ = State::chunk_extension;
      } else if (c == '\r') {
        state_ = State::chunk_size_lf;
      } else {
        return Fault::bad_chunk;
      }
      return Fault::none;
    case State::chunk_extension:
      if (c == '\r') {
        state_ = State::chunk_size_lf;
        return Fault::none;
      }
      if (!is_of(c, kValueByte) || ++line_bytes_ > max_line_bytes_ ||
          ++extension_bytes_ > max_line_bytes_ * kMaxExtensionLines) {
        return Fault::bad_chunk;
      }
      return Fault::none;
    case State::chunk_size_lf:
      if (c != '\n') return Fault::bad_chunk;
      state_ = left_ > 0 ? State::chunk_data : State::trailer_begin;
      return Fault::none;
    case State::chunk_data_cr:
      if (c != '\r') return Fault::bad_chunk;
      state_ = State::chunk_data_lf;
      return Fault::none;
    case State::chunk_data_lf:
      if (c != '\n') return Fault::bad_chunk;
      begin_chunk_line();
      return Fault::none;
    default:
      return step_trailer(c);
  }
}

Fault BodyDecoder::step_trailer(char c) {
  if (++trailer_bytes_ > max_trailer_bytes_) return Fault::trailers_too_large;
  switch (state_) {
    case State::trailer_begin:
      if (c == '\r') {
        state_ = State::last_lf;
        return Fault::none;
      }
      if (!is_of(c, kTokenByte)) return Fault::bad_chunk;
      state_ = State::trailer_name;
      return Fault::none;
    case State::trailer_name:
      if (c == ':') {
        state_ = State::trailer_value;
      } else if (!is_of(c, kTokenByte)) {
        return Fault::bad_chunk;
      }
      return Fault::none;
    case State::trailer_value:
      if (c == '\r') {
        state_ = State::trailer_lf;
      } else if (!is_of(c, kValueByte)) {
        return Fault::bad_chunk;
      }
      return Fault::none;
    case State::trailer_lf:
      if (c != '\n') return Fault::bad_chunk;
      state_ = State::trailer_begin;
      return Fault::none;
    default:  // last_lf
      if (c != '\n') return Fault::bad_chunk;
      state_ = State::done;
      return Fault::none;
  }
}

}  // namespace purser::http
