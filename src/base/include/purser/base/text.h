// Small helpers for text that goes to other programs.
#pragma once

#include <string>
#include <string_view>

namespace purser {

// A JSON string with its quotes. What is not valid UTF-8 becomes U+FFFD, so the result always is.
std::string quote_json(std::string_view text);

}  // namespace purser
