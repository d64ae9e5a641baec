#include "sse.h"

#include <algorithm>
#include <cstring>

namespace purser::providers {
namespace {

std::size_t find_byte(std::string_view bytes, char byte) {
  const void* at = std::memchr(bytes.data(), byte, bytes.size());
  return at == nullptr ? bytes.size()
                       : static_cast<std::size_t>(static_cast<const char*>(at) - bytes.data());
}

}  // namespace

std::size_t SseSplitter::find_frame_end(std::string_view bytes) {
  // A \r is rare (only servers that write \r\n have one), so it is looked for once a piece.
  std::size_t next_cr = find_byte(bytes, '\r');
  std::size_t at = 0;
  while (at < bytes.size()) {
    const std::size_t next_lf = at + find_byte(bytes.substr(at), '\n');
    if (next_cr < at) next_cr = at + find_byte(bytes.substr(at), '\r');
    const std::size_t line_end = std::min(next_lf, next_cr);
    if (line_end == bytes.size()) {
      line_is_empty_ = false;
      return std::string_view::npos;
    }
    const bool blank = line_is_empty_ && line_end == at;
    line_is_empty_ = true;
    at = line_end + 1;
    if (bytes[line_end] == '\r') {
      if (at == bytes.size()) {
        after_cr_ = true;
      } else if (bytes[at] == '\n') {
        ++at;
      }
    }
    if (blank) return at;
  }
  return std::string_view::npos;
}

const SseFrame& SseSplitter::decode(std::string_view raw) {
  frame_.raw = raw;
  frame_.event = {};
  frame_.data = {};
  frame_.has_data = false;
  frame_.lines.clear();
  std::size_t at = 0;
  if (first_frame_ && raw.starts_with("\xEF\xBB\xBF")) at = 3;
  first_frame_ = false;

  std::size_t data_end = 0;
  while (at < raw.size()) {
    std::string_view line = raw.substr(at);
    line = line.substr(0, find_byte(line, '\n'));
    line = line.substr(0, find_byte(line, '\r'));
    const std::size_t line_end = at + line.size();
    const std::size_t colon = line.find(':');
    const std::string_view field = line.substr(0, colon);  // npos: the whole line is the name
    std::size_t value_begin = colon == std::string_view::npos ? line.size() : colon + 1;
    if (value_begin < line.size() && line[value_begin] == ' ') ++value_begin;
    if (field == "data") {
      if (frame_.has_data) ++data_end;  // the \n that joins
      const std::size_t length = line.size() - value_begin;
      frame_.lines.push_back({at + value_begin, data_end, length});
      data_end += length;
      frame_.has_data = true;
    } else if (field == "event") {
      frame_.event = line.substr(value_begin);
    }
    at = line_end + 1;
    if (line_end + 1 < raw.size() && raw[line_end] == '\r' && raw[line_end + 1] == '\n') ++at;
  }

  if (frame_.lines.size() == 1) {
    frame_.data = raw.substr(frame_.lines[0].raw_begin, frame_.lines[0].length);
  } else if (frame_.lines.size() > 1) {
    joined_.clear();
    for (const SseDataLine& line : frame_.lines) {
      if (&line != &frame_.lines.front()) joined_.push_back('\n');
      joined_.append(raw.substr(line.raw_begin, line.length));
    }
    frame_.data = joined_;
  }
  return frame_;
}

}  // namespace purser::providers
