// Answers of an upstream that must not be taken, and how they end: name, bytes, what happens after
// them, verdict. Each row is delivered as it stands, and again split at every byte.
#pragma once

#include <string_view>

#include "purser/http/client.h"

namespace purser::http::testing {

struct HostileResponse {
  const char* name;
  std::string_view bytes;
  IoStatus then;
  UpstreamFailure verdict;
};

using namespace std::string_view_literals;

inline constexpr HostileResponse kHostileResponses[] = {
    // Beast's holes.
    {"coding_unknown", "HTTP/1.1 200 OK\r\nTransfer-Encoding: xchunked\r\n\r\nabc"sv, IoStatus::end,
     UpstreamFailure::bad_answer},
    {"coding_identity", "HTTP/1.1 200 OK\r\nTransfer-Encoding: identity\r\n\r\nabc"sv,
     IoStatus::end, UpstreamFailure::bad_answer},
    {"coding_gzip_chunked",
     "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n"sv, IoStatus::end,
     UpstreamFailure::bad_answer},
    {"status_099", "HTTP/1.1 099 Low\r\nContent-Length: 0\r\n\r\n"sv, IoStatus::end,
     UpstreamFailure::bad_answer},
    {"length_twice_equal", "HTTP/1.1 200 OK\r\nContent-Length: 3\r\nContent-Length: 3\r\n\r\nabc"sv,
     IoStatus::end, UpstreamFailure::bad_answer},
    {"length_list", "HTTP/1.1 200 OK\r\nContent-Length: 3, 3\r\n\r\nabc"sv, IoStatus::end,
     UpstreamFailure::bad_answer},
    {"chunked_on_1_0", "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"sv,
     IoStatus::end, UpstreamFailure::bad_answer},
    {"folded_field", "HTTP/1.1 200 OK\r\nA: b\r\n c\r\nContent-Length: 0\r\n\r\n"sv, IoStatus::end,
     UpstreamFailure::bad_answer},
    // Framing.
    {"length_and_chunked",
     "HTTP/1.1 200 OK\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"sv,
     IoStatus::end, UpstreamFailure::bad_answer},
    {"chunked_twice",
     "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"sv,
     IoStatus::end, UpstreamFailure::bad_answer},
    {"length_negative", "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n"sv, IoStatus::end,
     UpstreamFailure::bad_answer},
    {"length_not_a_number", "HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n"sv, IoStatus::end,
     UpstreamFailure::bad_answer},
    {"length_of_204", "HTTP/1.1 204 No Content\r\nContent-Length: 3\r\n\r\nabc"sv, IoStatus::end,
     UpstreamFailure::bad_answer},
    {"chunked_204", "HTTP/1.1 204 No Content\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"sv,
     IoStatus::end, UpstreamFailure::bad_answer},
    {"interim_with_length", "HTTP/1.1 103 Hints\r\nContent-Length: 3\r\n\r\nabc"sv, IoStatus::end,
     UpstreamFailure::bad_answer},
    {"interim_without_end",
     "HTTP/1.1 100 C\r\n\r\nHTTP/1.1 100 C\r\n\r\nHTTP/1.1 100 C\r\n\r\nHTTP/1.1 100 C\r\n\r\n"
     "HTTP/1.1 100 C\r\n\r\nHTTP/1.1 100 C\r\n\r\nHTTP/1.1 100 C\r\n\r\nHTTP/1.1 100 C\r\n\r\n"
     "HTTP/1.1 100 C\r\n\r\n"sv,
     IoStatus::timed_out, UpstreamFailure::bad_answer},
    {"switching_protocols", "HTTP/1.1 101 Switching\r\nUpgrade: x\r\n\r\n"sv, IoStatus::timed_out,
     UpstreamFailure::bad_answer},
    // Lines.
    {"not_http", "SSH-2.0-OpenSSH_9.2\r\n\r\n"sv, IoStatus::timed_out, UpstreamFailure::bad_answer},
    {"version_2", "HTTP/2.0 200 OK\r\nContent-Length: 0\r\n\r\n"sv, IoStatus::end,
     UpstreamFailure::bad_answer},
    {"status_600", "HTTP/1.1 600 High\r\nContent-Length: 0\r\n\r\n"sv, IoStatus::end,
     UpstreamFailure::bad_answer},
    {"status_two_digits", "HTTP/1.1 20 OK\r\nContent-Length: 0\r\n\r\n"sv, IoStatus::end,
     UpstreamFailure::bad_answer},
    {"status_four_digits", "HTTP/1.1 2000 OK\r\nContent-Length: 0\r\n\r\n"sv, IoStatus::end,
     UpstreamFailure::bad_answer},
    {"bare_lf", "HTTP/1.1 200 OK\nContent-Length: 0\n\n"sv, IoStatus::timed_out,
     UpstreamFailure::bad_answer},
    {"bare_cr_in_value", "HTTP/1.1 200 OK\r\nA: b\rC: d\r\nContent-Length: 0\r\n\r\n"sv,
     IoStatus::end, UpstreamFailure::bad_answer},
    {"nul_in_value", "HTTP/1.1 200 OK\r\nA: \0\r\nContent-Length: 0\r\n\r\n"sv, IoStatus::end,
     UpstreamFailure::bad_answer},
    {"blank_before_colon", "HTTP/1.1 200 OK\r\nContent-Length : 0\r\n\r\n"sv, IoStatus::end,
     UpstreamFailure::bad_answer},
    {"empty_line_first", "\r\nHTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"sv, IoStatus::end,
     UpstreamFailure::bad_answer},
    // Chunks.
    {"chunk_size_not_hex",
     "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\ng\r\n"sv,
     IoStatus::timed_out, UpstreamFailure::bad_answer},
    {"chunk_too_long", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabcd\r\n"sv,
     IoStatus::timed_out, UpstreamFailure::bad_answer},
    {"chunk_bare_lf", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\nabc\n0\n\n"sv,
     IoStatus::timed_out, UpstreamFailure::bad_answer},
    {"trailer_malformed",
     "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\nx\r\n\r\n"sv,
     IoStatus::timed_out, UpstreamFailure::bad_answer},
    // Endings.
    {"nothing", ""sv, IoStatus::end, UpstreamFailure::no_answer},
    {"silence", ""sv, IoStatus::timed_out, UpstreamFailure::no_answer},
    {"reset_at_once", ""sv, IoStatus::failed, UpstreamFailure::no_answer},
    {"half_a_head_then_end", "HTTP/1.1 200 OK\r\nContent-Le"sv, IoStatus::end,
     UpstreamFailure::no_answer},
    {"half_a_head_then_silence", "HTTP/1.1 200 OK\r\n"sv, IoStatus::timed_out,
     UpstreamFailure::no_answer},
    {"interim_then_end", "HTTP/1.1 100 Continue\r\n\r\n"sv, IoStatus::end,
     UpstreamFailure::no_answer},
    {"length_lies_then_end", "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc"sv, IoStatus::end,
     UpstreamFailure::cut},
    {"length_lies_then_reset", "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc"sv,
     IoStatus::failed, UpstreamFailure::cut},
    {"length_lies_then_silence", "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc"sv,
     IoStatus::timed_out, UpstreamFailure::stalled},
    {"chunk_cut", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nabc"sv, IoStatus::end,
     UpstreamFailure::cut},
    {"last_chunk_missing", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n"sv,
     IoStatus::end, UpstreamFailure::cut},
    {"last_line_missing",
     "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n"sv, IoStatus::end,
     UpstreamFailure::cut},
    {"chunks_then_silence", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n"sv,
     IoStatus::timed_out, UpstreamFailure::stalled},
    {"close_delimited_reset", "HTTP/1.1 200 OK\r\n\r\nabc"sv, IoStatus::failed,
     UpstreamFailure::cut},
};

}  // namespace purser::http::testing
