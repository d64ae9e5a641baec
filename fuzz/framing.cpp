// Heads and bodies: read in the same way wherever the bytes were cut, and twice alike.
#include <algorithm>
#include <string>

#include "body_decoder.h"
#include "head_parser.h"
#include "targets.h"

namespace purser::fuzz {
using namespace http;

namespace {

struct Scanned {
  HeadScanner::State state;
  std::size_t bytes;
  bool operator==(const Scanned&) const = default;
};

Scanned scan(std::string_view bytes, std::size_t step) {
  HeadScanner scanner(101);
  for (std::size_t end = std::min(step, bytes.size());; end = std::min(end + step, bytes.size())) {
    const HeadScanner::State state = scanner.scan(bytes.substr(0, end));
    if (state != HeadScanner::State::more || end == bytes.size()) {
      return {state, scanner.head_bytes()};
    }
  }
}

// The head's end is found in the same place however the bytes come.
Scanned scan_in_pieces(std::string_view bytes) {
  const Scanned whole = scan(bytes, bytes.size() + 1);
  for (const std::size_t step : {1, 2, 3, 7}) PURSER_HOLDS(scan(bytes, step) == whole);
  return whole;
}

void check_fields(const Fields& fields) {
  for (const Field field : fields) {
    PURSER_HOLDS(!field.name.empty());
    for (const char c : field.value) PURSER_HOLDS(c != '\r' && c != '\n' && c != '\0');
  }
}

}  // namespace

void request_head(std::string_view bytes) {
  const Scanned scanned = scan_in_pieces(bytes);
  if (scanned.state != HeadScanner::State::complete) return;
  const Limits limits;
  RequestHead head;
  BodyFraming framing;
  if (parse_request_head(bytes.substr(0, scanned.bytes), limits, head, framing) != Fault::none) {
    return;
  }
  check_fields(head.fields);
  PURSER_HOLDS(head.target.starts_with('/') || head.target == "*");
  PURSER_HOLDS(head.path_size <= head.target.size());
  PURSER_HOLDS(framing.kind != BodyFraming::Kind::until_close);
  PURSER_HOLDS(!(head.http_1_0 && framing.kind == BodyFraming::Kind::chunked));
  // Written anew from what was read, it is read as the same.
  std::string again(head.method);
  again.append(" ").append(head.target).append(head.http_1_0 ? " HTTP/1.0\r\n" : " HTTP/1.1\r\n");
  for (const Field field : head.fields) {
    again.append(field.name).append(": ").append(field.value).append("\r\n");
  }
  RequestHead second;
  BodyFraming second_framing;
  PURSER_HOLDS(parse_request_head(again + "\r\n", limits, second, second_framing) == Fault::none);
  PURSER_HOLDS(second.method == head.method && second.target == head.target);
  PURSER_HOLDS(second.keep_alive == head.keep_alive && second.has_body == head.has_body);
  PURSER_HOLDS(second_framing.kind == framing.kind && second_framing.length == framing.length);
}

void answer_head(std::string_view bytes) {
  const Scanned scanned = scan_in_pieces(bytes);
  if (scanned.state != HeadScanner::State::complete) return;
  for (const bool to_head : {false, true}) {
    ResponseHead head;
    if (parse_response_head(bytes.substr(0, scanned.bytes), 200, to_head, head) != Fault::none) {
      continue;
    }
    check_fields(head.fields);
    PURSER_HOLDS(head.status >= 100 && head.status <= 599);
    PURSER_HOLDS(!(head.keep_alive && head.framing.kind == BodyFraming::Kind::until_close));
    if (to_head || head.status == 304 || head.status == 204 || head.status < 200) {
      PURSER_HOLDS(head.framing.kind == BodyFraming::Kind::none);
    }
  }
}

namespace {

struct Decoded {
  std::string body;
  Fault fault = Fault::none;
  std::size_t consumed = 0;
  bool done = false;
  bool operator==(const Decoded&) const = default;
};

Decoded decode(std::string_view bytes, std::size_t step) {
  BodyDecoder decoder({BodyFraming::Kind::chunked, 0}, 64, 256);
  Decoded out;
  while (out.consumed < bytes.size() && out.fault == Fault::none && !decoder.done()) {
    std::string piece(bytes.substr(out.consumed, step));
    const BodyDecoder::Step taken = decoder.decode(piece);
    PURSER_HOLDS(taken.produced <= taken.consumed && taken.consumed <= piece.size());
    PURSER_HOLDS(taken.fault != Fault::none || decoder.done() || taken.consumed == piece.size());
    out.body.append(piece, 0, taken.produced);
    out.consumed += taken.consumed;
    out.fault = taken.fault;
  }
  out.done = decoder.done();
  return out;
}

}  // namespace

void chunked_body(std::string_view bytes) {
  const Decoded whole = decode(bytes, bytes.size() + 1);
  for (const std::size_t step : {1, 2, 3, 5, 16}) PURSER_HOLDS(decode(bytes, step) == whole);
}

}  // namespace purser::fuzz
