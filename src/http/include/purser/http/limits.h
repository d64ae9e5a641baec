// Every bound of the listener, in one place, each with the counter that says how often it was
// crossed (counters.h) and a test that crosses it (tests/http/limits_test.cpp).
#pragma once

#include <cstddef>

#include "purser/base/env.h"

namespace purser::http {

struct Limits {
  // A request's head: its line and its fields. Crossed: 431 (a target alone: 414).
  std::size_t head_bytes = 32 * 1024;
  std::size_t field_count = 100;
  std::size_t target_bytes = 8 * 1024;

  // A request's body, after its coding is undone; a caller of `read_body` may ask for less.
  // Crossed: 413.
  std::size_t body_bytes = std::size_t{64} * 1024 * 1024;
  // Bodies held in memory, over all connections of the server. Crossed: 503.
  std::size_t buffered_bytes = std::size_t{1024} * 1024 * 1024;

  // Of the extensions of one chunk (sixteen times as much for those of a whole body), and of all
  // trailers together. Crossed: 400.
  std::size_t chunk_line_bytes = 256;
  std::size_t trailer_bytes = 8 * 1024;

  // Open connections of the server. One more is answered 503 and closed.
  std::size_t connections = 4096;
  // Requests on one connection; after the last one the server closes it.
  std::size_t requests_per_connection = 100'000;

  Duration tls_handshake_timeout = std::chrono::seconds{10};
  Duration head_timeout = std::chrono::seconds{10};         // from its first byte to its last. 408
  Duration idle_timeout = std::chrono::seconds{75};         // between two requests. Closed silently
  Duration body_idle_timeout = std::chrono::seconds{30};    // between two reads of a body. 408
  Duration body_total_timeout = std::chrono::seconds{300};  // for a whole body. 408
  Duration write_timeout = std::chrono::seconds{30};  // for one piece, by a slow reader. Dropped

  // After an answer that leaves request bytes unread, how long and how much of them is still read
  // and thrown away, so that the client gets to see the answer.
  Duration linger_timeout = std::chrono::seconds{2};
  std::size_t linger_bytes = 1024 * 1024;
};

}  // namespace purser::http
