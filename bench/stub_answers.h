// What the stub upstream answers: OpenAI's chat completions, whole or as 200 events.
#pragma once

#include <string>
#include <vector>

namespace purser::bench {

// The bytes on the wire, in the pieces in which they are written.
using Pieces = std::vector<std::string>;

Pieces whole_answer();     // about 1 KB of JSON
Pieces streamed_answer();  // head, 200 events each its own piece, usage, [DONE]
Pieces json_answer(const std::string& body);

}  // namespace purser::bench
