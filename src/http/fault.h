// What can be wrong with the framing or syntax of a message, and how a client is told.
#pragma once

namespace purser::http {

enum class Fault {
  none,
  bad_line_ending,
  bad_request_line,
  bad_status_line,
  bad_target,
  target_too_long,
  unsupported_version,
  head_too_large,
  too_many_fields,
  bad_field,
  folded_field,
  bad_host,
  bad_content_length,
  bad_transfer_encoding,
  unknown_transfer_coding,
  conflicting_framing,
  unknown_expectation,
  bad_chunk,
  trailers_too_large,
};

struct FaultText {
  int status;           // to a client
  const char* code;     // stable
  const char* message;  // a sentence
};

const FaultText& describe(Fault fault);

}  // namespace purser::http
