// As much of HTTP/1.1 as a party outside needs: reads one message after the other, with a length,
// chunked, or to the end of the connection.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace purser::sim {

class HttpReader {
 public:
  explicit HttpReader(bool reads_answers) : reads_answers_(reads_answers) {}

  void feed(std::string_view bytes) { buffer_ += bytes; }
  // Takes what there is of the message at hand; true once it is whole.
  bool read();
  // The connection ended: true where that ends the message.
  bool end();
  // The message was dealt with; the next may stand behind it already.
  void next();

  bool head_whole() const { return head_whole_; }
  bool broken() const { return broken_; }
  bool begun() const { return !buffer_.empty() || head_whole_; }
  int status() const;  // of an answer
  std::string field(std::string_view lower_case_name) const;
  const std::string& head() const { return head_; }
  const std::string& body() const { return body_; }
  const std::string& unread() const { return buffer_; }

 private:
  bool read_chunks();

  const bool reads_answers_;
  std::string buffer_, head_, body_;
  bool head_whole_ = false, whole_ = false, broken_ = false, chunked_ = false, to_end_ = false;
  std::size_t length_ = 0;
};

}  // namespace purser::sim
