// Text on its way into somebody else's format: valid UTF-8, cut by characters, never within one.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace purser::alerts {

// One character of UTF-8 at the beginning of `text`, which is not empty. What is not valid is one
// byte long and reads as U+FFFD.
struct Character {
  char32_t code = 0;
  std::size_t bytes = 1;
};
Character first_character(std::string_view text);
void append_utf8(std::string& out, char32_t code);

// On one line: control characters and line separators become a space, invalid bytes U+FFFD, and
// characters that turn the direction of writing (a name that displays as another) go away.
std::string one_line(std::string_view text);

// At most so many UTF-16 units, which is how Slack and Teams count; "…" ends what was cut.
std::string shorten(std::string_view text, std::size_t most_units);

bool is_blank(std::string_view text);

// One line to show where there must be something: `text`, else `otherwise`, else a dash.
std::string shown_line(std::string_view text, std::string_view otherwise, std::size_t most_units);

std::size_t count_characters(std::string_view text);

// Paragraphs as one, with a space between.
std::string joined(const std::vector<std::string>& paragraphs);

// Words put on lines of at most `width` characters; a longer word stands alone, whole.
std::vector<std::string> wrap(std::string_view text, std::size_t width);

// Whether a link may stand in a message: http or https, of printable ASCII.
bool is_web_link(std::string_view url);

}  // namespace purser::alerts
