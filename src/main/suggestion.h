// "Did you mean …": the nearest of the names that exist.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace purser::main {

// The candidate that takes the fewest edits to reach (a letter put in, taken out, replaced, or two
// neighbours exchanged), if that is at most a third of the word's length, at least one; else empty.
std::string nearest(std::string_view word, const std::vector<std::string>& candidates);

}  // namespace purser::main
