// Where a member of a JSON object lies in its text, so that it can be cut out and every other byte
// stays as it came.
#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

namespace purser::providers {

struct TextSpan {
  std::size_t begin = 0;
  std::size_t end = 0;
};

// What to cut so that the top-level object loses its members of this name: each with the comma that
// belongs to it. `json` is known to be valid JSON; of anything else the result is empty or useless,
// but never out of range. Ascending, without overlap.
std::vector<TextSpan> spans_of_member(std::string_view json, std::string_view name);

}  // namespace purser::providers
