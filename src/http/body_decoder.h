// Undoes the framing of a body, in place, as its bytes come in. Pure; no I/O.
//
// Chunks are read strictly (RFC 9112, 7.1): one to fifteen hex digits, no blanks, CR LF and nothing
// else, extensions and trailers bounded, checked and dropped.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "fault.h"
#include "head_parser.h"

namespace purser::http {

class BodyDecoder {
 public:
  BodyDecoder() = default;
  BodyDecoder(const BodyFraming& framing, std::size_t max_line_bytes,
              std::size_t max_trailer_bytes);

  struct Step {
    Fault fault = Fault::none;
    std::size_t consumed = 0;  // of the input; all of it, but where the body ended or was faulty
    std::size_t produced = 0;  // bytes of the body, moved to the front of the input
  };
  Step decode(std::span<char> input);
  // The peer ended its side: true where that is the end of the body.
  bool end_of_stream();

  bool done() const { return state_ == State::done; }

 private:
  enum class State {
    length,
    until_close,
    chunk_size,
    chunk_extension,
    chunk_size_lf,
    chunk_data,
    chunk_data_cr,
    chunk_data_lf,
    trailer_begin,
    trailer_name,
    trailer_value,
    trailer_lf,
    last_lf,
    done,
  };
  // One byte of what stands between the chunks.
  Fault step(char c);
  Fault step_trailer(char c);
  void begin_chunk_line();

  State state_ = State::done;
  std::uint64_t left_ = 0;  // of the body or of the chunk
  std::size_t digits_ = 0;
  std::size_t line_bytes_ = 0;
  std::size_t extension_bytes_ = 0;  // of all chunks
  std::size_t trailer_bytes_ = 0;
  std::size_t max_line_bytes_ = 0;
  std::size_t max_trailer_bytes_ = 0;
};

}  // namespace purser::http
