// What the sandbox says, and how many tokens it bills for it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace purser::providers {

// Cuts a text into the pieces that it streams, one for each token it bills: a short run of letters
// or digits with the space before it, or a single other character. Never inside a character.
std::vector<std::string_view> token_pieces(std::string_view text);

// A number that depends on all of the text, the same on every machine.
std::uint64_t digest_of(std::string_view text);

// A few sentences that answer what was asked.
std::string sandbox_text(std::string_view asked, std::string_view model, std::uint64_t seed);
// … after a tool has answered.
std::string sandbox_text_after_tool(std::string_view tool_result, std::uint64_t seed);

// At most `bytes` of a text, on one line, cut between characters.
std::string excerpt(std::string_view text, std::size_t bytes);

}  // namespace purser::providers
