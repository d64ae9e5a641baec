// The strict reading of heads. One reading only: whatever another reader could take otherwise is a
// fault. Pure; no I/O.
//
// Why not Beast's parser: it accepts much of what must be refused here (obsolete folding, lists of
// lengths, codings it does not know), so every line would have to be walked a second time anyway.
// It stands in tests/http/ as the oracle: what is accepted here, it reads in the same way.
//
// Sources: RFC 9112 (message syntax and framing), RFC 9110 (fields).
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "fault.h"
#include "purser/http/limits.h"
#include "purser/http/message.h"

namespace purser::http {

// How the bytes behind a head are delimited.
struct BodyFraming {
  enum class Kind { none, length, chunked, until_close };
  Kind kind = Kind::none;
  std::uint64_t length = 0;
};

// Finds the end of a head as its bytes come in, each byte looked at once.
class HeadScanner {
 public:
  enum class State { more, complete, bad_line_ending, too_many_lines };

  explicit HeadScanner(std::size_t max_lines) : max_lines_(max_lines) {}
  // `bytes` begins with the head's first byte and grows from call to call.
  State scan(std::string_view bytes);
  // Where complete: the head's size, its empty line included.
  std::size_t head_bytes() const { return scanned_; }
  bool first_line_seen() const { return lines_ > 0; }
  void reset() { scanned_ = line_begin_ = lines_ = 0; }

 private:
  std::size_t max_lines_;
  std::size_t scanned_ = 0;
  std::size_t line_begin_ = 0;
  std::size_t lines_ = 0;
};

// `head` is complete: it ends with CR LF CR LF. On a fault `out` is unspecified.
Fault parse_request_head(std::string_view head, const Limits& limits, RequestHead& out,
                         BodyFraming& framing);

struct ResponseHead {
  int status = 0;
  Fields fields;
  BodyFraming framing;
  bool keep_alive = false;
};

// `to_head` : the answer to a HEAD request, which has no body whatever it declares.
Fault parse_response_head(std::string_view head, std::size_t max_fields, bool to_head,
                          ResponseHead& out);

}  // namespace purser::http
