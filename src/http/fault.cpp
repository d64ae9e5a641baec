#include "fault.h"

#include <cstddef>

namespace purser::http {

const FaultText& describe(Fault fault) {
  static constexpr FaultText kTexts[] = {
      {200, "none", "Nothing is wrong."},
      {400, "bad_line_ending", "A line does not end with CR LF, or holds a CR or LF by itself."},
      {400, "bad_request_line", "The first line is not \"METHOD target HTTP/1.1\"."},
      {400, "bad_status_line", "The first line is not \"HTTP/1.1 status reason\"."},
      {400, "bad_target", "The target must begin with \"/\" and hold visible ASCII only."},
      {414, "target_too_long", "The target is longer than this server takes."},
      {505, "unsupported_version", "Only HTTP/1.1 and HTTP/1.0 are spoken here."},
      {431, "head_too_large", "The header fields are larger than this server takes."},
      {431, "too_many_fields", "There are more header fields than this server takes."},
      {400, "bad_field", "A header field has a malformed name or a control byte in its value."},
      {400, "folded_field", "A header field is continued on a second line, which is obsolete."},
      {400, "bad_host", "There must be exactly one Host field, with a valid host."},
      {400, "bad_content_length", "There must be at most one Content-Length, of digits only."},
      {400, "bad_transfer_encoding",
       "Transfer-Encoding must be exactly \"chunked\", once, and on HTTP/1.1 only."},
      {501, "unknown_transfer_coding", "The only transfer coding known here is \"chunked\"."},
      {400, "conflicting_framing", "Content-Length and Transfer-Encoding exclude each other."},
      {417, "unknown_expectation", "The only expectation known here is \"100-continue\"."},
      {400, "bad_chunk", "The chunked body is malformed."},
      {400, "trailers_too_large", "The trailers are larger than this server takes."},
  };
  static_assert(sizeof kTexts / sizeof kTexts[0] ==
                static_cast<std::size_t>(Fault::trailers_too_large) + 1);
  return kTexts[static_cast<std::size_t>(fault)];
}

}  // namespace purser::http
