#include "message_reader.h"

#include <strings.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>

namespace purser::bench {
namespace {

constexpr std::size_t kKeptBytes = 512;

// The value of a field, from the head's text; empty where it is not there.
std::string_view field(std::string_view head, std::string_view name) {
  for (std::size_t at = head.find("\r\n"); at + 2 < head.size();) {
    at += 2;
    const std::size_t end = head.find("\r\n", at);
    const std::string_view line = head.substr(at, end - at);
    if (line.size() > name.size() && line[name.size()] == ':' &&
        strncasecmp(line.data(), name.data(), name.size()) == 0) {
      std::string_view value = line.substr(name.size() + 1);
      while (!value.empty() && value.front() == ' ') value.remove_prefix(1);
      return value;
    }
    at = end;
  }
  return {};
}

}  // namespace

void MessageReader::begin() {
  state_ = State::head;
  head_.clear();
  line_.clear();
  body_start_.clear();
  left_ = 0;
  last_chunk_ = false;
}

int MessageReader::status() const { return head_.size() > 12 ? std::atoi(head_.c_str() + 9) : 0; }

void MessageReader::end_head() {
  if (field(head_, "transfer-encoding") == "chunked") {
    state_ = State::chunk_line;
    return;
  }
  const std::string length(field(head_, "content-length"));
  left_ = length.empty() ? 0 : std::strtoull(length.c_str(), nullptr, 10);
  state_ = left_ == 0 ? State::complete : State::sized;
}

std::size_t MessageReader::take_line(std::string_view bytes) {
  const std::size_t end = bytes.find('\n');
  const std::size_t taken = end == std::string_view::npos ? bytes.size() : end + 1;
  line_.append(bytes.substr(0, taken));
  if (end == std::string_view::npos) return taken;
  if (last_chunk_) {
    if (line_ == "\r\n") state_ = State::complete;
  } else if (line_ != "\r\n") {  // else the end of the chunk before
    left_ = std::strtoull(line_.c_str(), nullptr, 16);
    last_chunk_ = left_ == 0;
    if (!last_chunk_) state_ = State::chunk;
  }
  line_.clear();
  return taken;
}

std::size_t MessageReader::take_body(std::string_view bytes) {
  const std::size_t taken = std::min(left_, bytes.size());
  if (body_start_.size() < kKeptBytes)
    body_start_.append(bytes.substr(0, std::min(taken, kKeptBytes - body_start_.size())));
  left_ -= taken;
  if (left_ == 0) state_ = state_ == State::chunk ? State::chunk_line : State::complete;
  return taken;
}

std::size_t MessageReader::take(std::string_view bytes) {
  std::size_t taken = 0;
  while (taken < bytes.size() && state_ != State::complete) {
    const std::string_view rest = bytes.substr(taken);
    if (state_ == State::head) {
      const std::size_t before = head_.size();
      head_.append(rest);
      const std::size_t end = head_.find("\r\n\r\n", before < 3 ? 0 : before - 3);
      if (end == std::string::npos) return bytes.size();
      head_.resize(end + 4);
      taken += head_.size() - before;
      end_head();
    } else if (state_ == State::chunk_line) {
      taken += take_line(rest);
    } else {
      taken += take_body(rest);
    }
  }
  return taken;
}

}  // namespace purser::bench
