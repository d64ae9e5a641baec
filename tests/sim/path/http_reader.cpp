#include "path/http_reader.h"

#include <algorithm>
#include <cctype>
#include <cstdlib>

namespace purser::sim {

bool HttpReader::read() {
  if (broken_ || whole_) return whole_;
  if (!head_whole_) {
    const auto end = buffer_.find("\r\n\r\n");
    if (end == std::string::npos) return false;
    head_ = buffer_.substr(0, end + 2);
    buffer_.erase(0, end + 4);
    head_whole_ = true;
    const std::string length = field("content-length");
    chunked_ = field("transfer-encoding") == "chunked";
    to_end_ = reads_answers_ && !chunked_ && length.empty();
    length_ = length.empty() ? 0 : std::strtoul(length.c_str(), nullptr, 10);
  }
  if (chunked_) return whole_ = read_chunks();
  const std::size_t wanted = to_end_ ? buffer_.size() : length_ - body_.size();
  const std::size_t size = std::min(wanted, buffer_.size());
  body_.append(buffer_, 0, size);
  buffer_.erase(0, size);
  whole_ = !to_end_ && body_.size() == length_;
  return whole_;
}

bool HttpReader::read_chunks() {
  for (;;) {
    const auto line = buffer_.find("\r\n");
    if (line == std::string::npos) return false;
    const std::size_t size = std::strtoul(buffer_.c_str(), nullptr, 16);
    if (buffer_.size() < line + 2 + size + 2) return false;
    body_.append(buffer_, line + 2, size);
    buffer_.erase(0, line + 2 + size + 2);
    if (size == 0) return true;
  }
}

bool HttpReader::end() {
  if (head_whole_ && to_end_) whole_ = true;
  return whole_;
}

void HttpReader::next() {
  head_.clear();
  body_.clear();
  head_whole_ = whole_ = chunked_ = to_end_ = false;
  length_ = 0;
}

int HttpReader::status() const { return head_.size() > 12 ? std::atoi(head_.c_str() + 9) : 0; }

std::string HttpReader::field(std::string_view name) const {
  std::string lower = head_;
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  const auto at = lower.find("\r\n" + std::string(name) + ":");
  if (at == std::string::npos) return {};
  auto begin = at + 3 + name.size();
  const auto end = head_.find("\r\n", begin);
  while (begin < end && head_[begin] == ' ') ++begin;
  return head_.substr(begin, end - begin);
}

}  // namespace purser::sim
