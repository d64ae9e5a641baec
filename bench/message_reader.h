// Reads HTTP/1.1 messages as they come, as little as a bench needs: where one ends, and the first
// bytes of its body. Trusts its peer; the product's own readers do not stand here.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace purser::bench {

class MessageReader {
 public:
  // Takes bytes up to the message's end and says how many it took; look at `complete` then.
  std::size_t take(std::string_view bytes);
  bool complete() const { return state_ == State::complete; }
  void begin();  // the next message

  const std::string& head() const { return head_; }
  const std::string& body_start() const { return body_start_; }
  int status() const;  // of an answer's head

 private:
  enum class State { head, sized, chunk_line, chunk, complete };
  void end_head();
  std::size_t take_body(std::string_view bytes);
  std::size_t take_line(std::string_view bytes);

  State state_ = State::head;
  std::string head_;
  std::string line_;
  std::string body_start_;
  std::size_t left_ = 0;
  bool last_chunk_ = false;
};

}  // namespace purser::bench
