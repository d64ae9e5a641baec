// What the stub provider answers to one request, in OpenAI's chat format or Anthropic's: the bytes
// and when they leave, what it bills, and what it says that it bills.
#pragma once

#include <string>
#include <vector>

#include "choices.h"
#include "path/world.h"

namespace purser::sim {

struct StubAnswer {
  struct Piece {
    Duration wait;
    std::string bytes;
  };
  std::vector<Piece> pieces;
  enum class After { keep, end, reset, hang } after = After::keep;
  Nanos billed;
  std::vector<Nanos> claims;
};

// The stub's own price list, worked out without the product's code: nanos, rounded up once.
Nanos stub_price(bool anthropic, std::int64_t input_tokens, std::int64_t output_tokens);

// `limit_tokens`: the output limit that stands in the request which came.
StubAnswer make_answer(const Asked& asked, std::int64_t input_tokens, std::int64_t limit_tokens,
                       Choices& choose);

}  // namespace purser::sim
