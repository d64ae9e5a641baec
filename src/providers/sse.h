// Splits a stream of server-sent events into frames, wherever the bytes were cut on their way.
//
// A frame is everything up to and with the blank line that ends it; lines end in \r\n, \n or \r
// (WHATWG HTML, "Server-sent events", 9.2.6). Concatenated, the frames are the stream, byte for
// byte. What a frame points to lives until the next call of the splitter.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace purser::providers {

// One `data:` line: where its value lies in the frame and in the joined data.
struct SseDataLine {
  std::size_t raw_begin = 0;
  std::size_t data_begin = 0;
  std::size_t length = 0;
};

struct SseFrame {
  std::string_view raw;
  std::string_view event;  // the last `event:` field; empty: none
  std::string_view data;   // the `data:` lines joined by \n
  bool has_data = false;
  std::vector<SseDataLine> lines;
};

class SseSplitter {
 public:
  explicit SseSplitter(std::size_t max_frame_bytes) : max_frame_bytes_(max_frame_bytes) {}

  // Calls `on_frame(const SseFrame&)` for each frame that ends within `bytes`, and `on_tail(
  // std::string_view)` for a \n that turns out to belong to the frame before (its \r came last in
  // an earlier piece). False: an unfinished frame passes the bound; nothing more is read.
  template <typename OnFrame, typename OnTail>
  bool feed(std::string_view bytes, OnFrame&& on_frame, OnTail&& on_tail) {
    while (!bytes.empty()) {
      if (after_cr_) {
        after_cr_ = false;
        if (bytes.front() == '\n') {
          if (at_frame_start()) {
            on_tail(bytes.substr(0, 1));
          } else {
            pending_.push_back('\n');
          }
          bytes.remove_prefix(1);
          continue;
        }
      }
      const std::size_t end = find_frame_end(bytes);
      if (end == std::string_view::npos) {
        if (pending_.size() + bytes.size() > max_frame_bytes_) return false;
        pending_.append(bytes);
        return true;
      }
      if (pending_.size() + end > max_frame_bytes_) return false;
      if (pending_.empty()) {
        on_frame(decode(bytes.substr(0, end)));
      } else {
        pending_.append(bytes.substr(0, end));
        taken_.swap(pending_);
        pending_.clear();
        on_frame(decode(taken_));
      }
      bytes.remove_prefix(end);
    }
    return true;
  }

  // Nothing of a frame has been read since the last one ended.
  bool at_frame_start() const { return pending_.empty(); }
  // The unfinished frame, as far as it came.
  std::string_view pending() const { return pending_; }
  // The unfinished frame as if it had ended here.
  const SseFrame& decode_pending() { return decode(pending_); }

 private:
  // The end of the frame in `bytes` (behind its blank line), or npos; keeps where in a line it is.
  std::size_t find_frame_end(std::string_view bytes);
  const SseFrame& decode(std::string_view raw);

  std::size_t max_frame_bytes_;
  std::string pending_;
  std::string taken_;
  std::string joined_;
  SseFrame frame_;
  bool line_is_empty_ = true;  // nothing read of the present line
  bool after_cr_ = false;      // a \n that comes next belongs to the line just ended
  bool first_frame_ = true;
};

}  // namespace purser::providers
