#include "head_parser.h"

#include <cstring>
#include <optional>

#include "characters.h"

namespace purser::http {

namespace {

// What the fields say about framing, gathered in the one pass over them.
struct FramingFields {
  int content_lengths = 0;
  int transfer_encodings = 0;
  int hosts = 0;
  int expectations = 0;
  std::string_view content_length;
  std::string_view transfer_encoding;
  std::string_view host;
  std::string_view expectation;
  bool close = false;
};

std::string_view trim_blanks(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

bool list_contains(std::string_view list, std::string_view token) {
  while (!list.empty()) {
    const std::size_t comma = list.find(',');
    if (equal_without_case(trim_blanks(list.substr(0, comma)), token)) return true;
    if (comma == std::string_view::npos) return false;
    list.remove_prefix(comma + 1);
  }
  return false;
}

void note(std::string_view name, std::string_view value, FramingFields& seen) {
  switch (name.size()) {
    case 4:
      if (equal_without_case(name, "host")) ++seen.hosts, seen.host = value;
      break;
    case 6:
      if (equal_without_case(name, "expect")) ++seen.expectations, seen.expectation = value;
      break;
    case 10:
      if (equal_without_case(name, "connection") && list_contains(value, "close")) {
        seen.close = true;
      }
      break;
    case 14:
      if (equal_without_case(name, "content-length")) {
        ++seen.content_lengths, seen.content_length = value;
      }
      break;
    case 17:
      if (equal_without_case(name, "transfer-encoding")) {
        ++seen.transfer_encodings, seen.transfer_encoding = value;
      }
      break;
    default:
      break;
  }
}

// `lines`: the field lines, each with its CR LF.
Fault parse_fields(std::string_view lines, std::size_t max_fields, Fields& out,
                   FramingFields& seen) {
  std::size_t count = 0;
  while (!lines.empty()) {
    if (++count > max_fields) return Fault::too_many_fields;
    const std::size_t end = lines.find('\n');  // there is one, behind a CR: HeadScanner saw to it
    const std::string_view line = lines.substr(0, end - 1);
    lines.remove_prefix(end + 1);
    if (line.front() == ' ' || line.front() == '\t') return Fault::folded_field;
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos) return Fault::bad_field;
    const std::string_view name = line.substr(0, colon);
    const std::string_view value = trim_blanks(line.substr(colon + 1));
    if (!is_token(name) || !all_of(value, kValueByte)) {
      return line.find('\r') == std::string_view::npos ? Fault::bad_field : Fault::bad_line_ending;
    }
    note(name, value, seen);
    out.add(name, value);
  }
  return Fault::none;
}

// Host = uri-host [ ":" port ] (RFC 9112, 3.2).
bool is_valid_host(std::string_view host) {
  std::string_view port;
  if (!host.empty() && host.front() == '[') {
    const std::size_t close = host.find(']');
    if (close == std::string_view::npos || close < 3) return false;
    for (const char c : host.substr(1, close - 1)) {
      if (!is_of(c, kHexByte) && c != ':' && c != '.') return false;
    }
    port = host.substr(close + 1);
    if (!port.empty() && port.front() != ':') return false;
  } else {
    const std::size_t colon = host.find(':');
    const std::string_view name = host.substr(0, colon);
    if (name.empty() || !all_of(name, kHostByte)) return false;
    if (colon != std::string_view::npos) port = host.substr(colon);
  }
  if (port.empty()) return true;
  port.remove_prefix(1);
  if (port.size() > 5) return false;
  for (const char c : port) {
    if (c < '0' || c > '9') return false;
  }
  return true;
}

std::optional<std::uint64_t> parse_length(std::string_view text) {
  if (text.empty() || text.size() > 18) return std::nullopt;
  std::uint64_t value = 0;
  for (const char c : text) {
    if (c < '0' || c > '9') return std::nullopt;
    value = value * 10 + static_cast<std::uint64_t>(c - '0');
  }
  return value;
}

// RFC 9112, 6.3, with every doubtful case a fault. Where neither field stands, `framing` is left.
Fault decide_framing(const FramingFields& seen, bool http_1_0, BodyFraming& framing) {
  if (seen.transfer_encodings > 0) {
    if (seen.content_lengths > 0) return Fault::conflicting_framing;
    if (seen.transfer_encodings > 1 || http_1_0) return Fault::bad_transfer_encoding;
    if (!equal_without_case(seen.transfer_encoding, "chunked")) {
      return is_token(seen.transfer_encoding) ? Fault::unknown_transfer_coding
                                              : Fault::bad_transfer_encoding;
    }
    framing.kind = BodyFraming::Kind::chunked;
    return Fault::none;
  }
  if (seen.content_lengths > 0) {
    if (seen.content_lengths > 1) return Fault::bad_content_length;
    const std::optional<std::uint64_t> length = parse_length(seen.content_length);
    if (!length) return Fault::bad_content_length;
    framing.kind = *length > 0 ? BodyFraming::Kind::length : BodyFraming::Kind::none;
    framing.length = *length;
  }
  return Fault::none;
}

Fault parse_version(std::string_view version, bool& http_1_0, Fault malformed) {
  if (version == "HTTP/1.1") {
    http_1_0 = false;
    return Fault::none;
  }
  if (version == "HTTP/1.0") {
    http_1_0 = true;
    return Fault::none;
  }
  const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
  const bool well_formed = version.size() == 8 && version.starts_with("HTTP/") &&
                           is_digit(version[5]) && version[6] == '.' && is_digit(version[7]);
  return well_formed ? Fault::unsupported_version : malformed;
}

Fault parse_target(std::string_view target, const Limits& limits, RequestHead& out) {
  if (target.size() > limits.target_bytes) return Fault::target_too_long;
  const bool asterisk = target == "*" && out.method == "OPTIONS";
  if (target.empty() || (target.front() != '/' && !asterisk)) return Fault::bad_target;
  if (!all_of(target, kTargetByte)) return Fault::bad_target;
  out.target = target;
  const std::size_t question = target.find('?');
  out.path_size = question == std::string_view::npos ? target.size() : question;
  return Fault::none;
}

Fault parse_request_line(std::string_view line, const Limits& limits, RequestHead& out) {
  const std::size_t first = line.find(' ');
  const std::size_t last = line.rfind(' ');
  if (first == std::string_view::npos || first == last) return Fault::bad_request_line;
  const std::string_view method = line.substr(0, first);
  if (method.size() > 32 || !is_token(method)) return Fault::bad_request_line;
  const Fault version = parse_version(line.substr(last + 1), out.http_1_0, Fault::bad_request_line);
  if (version != Fault::none) return version;
  out.method = method;
  return parse_target(line.substr(first + 1, last - first - 1), limits, out);
}

// Splits the head into its first line and its field lines, both without the empty line.
std::string_view take_first_line(std::string_view& head) {
  const std::size_t end = head.find('\n');
  const std::string_view line = head.substr(0, end - 1);
  head = head.substr(end + 1);
  if (head.size() >= 2) head.remove_suffix(2);
  return line;
}

}  // namespace

HeadScanner::State HeadScanner::scan(std::string_view bytes) {
  while (scanned_ < bytes.size()) {
    const void* found = std::memchr(bytes.data() + scanned_, '\n', bytes.size() - scanned_);
    if (found == nullptr) {
      scanned_ = bytes.size();
      break;
    }
    const auto at = static_cast<std::size_t>(static_cast<const char*>(found) - bytes.data());
    scanned_ = at + 1;
    if (at == line_begin_ || bytes[at - 1] != '\r') return State::bad_line_ending;
    if (at - 1 == line_begin_) return State::complete;
    line_begin_ = scanned_;
    if (++lines_ > max_lines_) return State::too_many_lines;
  }
  return State::more;
}

Fault parse_request_head(std::string_view head, const Limits& limits, RequestHead& out,
                         BodyFraming& framing) {
  out.fields.clear();
  framing = BodyFraming{};
  FramingFields seen;
  const std::string_view line = take_first_line(head);
  Fault fault = parse_request_line(line, limits, out);
  if (fault != Fault::none) return fault;
  out.fields.reserve(24, head.size());
  fault = parse_fields(head, limits.field_count, out.fields, seen);
  if (fault != Fault::none) return fault;
  if (seen.hosts > 1 || (seen.hosts == 0 && !out.http_1_0)) return Fault::bad_host;
  if (seen.hosts == 1 && !is_valid_host(seen.host)) return Fault::bad_host;
  fault = decide_framing(seen, out.http_1_0, framing);
  if (fault != Fault::none) return fault;
  out.expects_continue = false;
  if (seen.expectations > 0 && !out.http_1_0) {
    if (seen.expectations > 1 || !equal_without_case(seen.expectation, "100-continue")) {
      return Fault::unknown_expectation;
    }
    out.expects_continue = true;
  }
  out.has_body = framing.kind != BodyFraming::Kind::none;
  out.keep_alive = !out.http_1_0 && !seen.close;
  return Fault::none;
}

namespace {

Fault parse_status_line(std::string_view line, int& status, bool& http_1_0) {
  const Fault version = parse_version(line.substr(0, 8), http_1_0, Fault::bad_status_line);
  if (version != Fault::none) return version;
  if (line.size() < 12 || line[8] != ' ') return Fault::bad_status_line;
  status = 0;
  for (const char c : line.substr(9, 3)) {
    if (c < '0' || c > '9') return Fault::bad_status_line;
    status = status * 10 + (c - '0');
  }
  if (status < 100 || status > 599) return Fault::bad_status_line;
  const std::string_view reason = line.substr(12);
  if (!reason.empty() && (reason.front() != ' ' || !all_of(reason, kValueByte))) {
    return Fault::bad_status_line;
  }
  return Fault::none;
}

}  // namespace

Fault parse_response_head(std::string_view head, std::size_t max_fields, bool to_head,
                          ResponseHead& out) {
  out.fields.clear();
  out.framing = BodyFraming{BodyFraming::Kind::until_close, 0};
  FramingFields seen;
  bool http_1_0 = false;
  Fault fault = parse_status_line(take_first_line(head), out.status, http_1_0);
  if (fault != Fault::none) return fault;
  out.fields.reserve(24, head.size());
  fault = parse_fields(head, max_fields, out.fields, seen);
  if (fault != Fault::none) return fault;
  fault = decide_framing(seen, http_1_0, out.framing);
  if (fault != Fault::none) return fault;
  out.keep_alive = !http_1_0 && !seen.close && out.framing.kind != BodyFraming::Kind::until_close;
  if (out.status < 200 || out.status == 204) {
    // These never have a body, and must not declare one (a Content-Length of 0 is harmless).
    if (seen.transfer_encodings > 0 || out.framing.length > 0) return Fault::conflicting_framing;
    out.framing.kind = BodyFraming::Kind::none;
    out.keep_alive = !http_1_0 && !seen.close;
  } else if (to_head || out.status == 304) {
    out.framing.kind = BodyFraming::Kind::none;
    out.keep_alive = !http_1_0 && !seen.close;
  }
  return Fault::none;
}

}  // namespace purser::http
