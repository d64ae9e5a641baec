#include "text.h"

#include <algorithm>

namespace purser::alerts {

namespace {

constexpr char32_t kReplacement = 0xFFFD;

bool is_continuation(char byte) { return (static_cast<unsigned char>(byte) & 0xC0) == 0x80; }

bool is_break(char32_t code) {
  return code < 0x20 || (code >= 0x7F && code < 0xA0) || code == 0x2028 || code == 0x2029;
}

bool turns_direction(char32_t code) {
  return (code >= 0x202A && code <= 0x202E) || (code >= 0x2066 && code <= 0x2069) ||
         code == 0x200E || code == 0x200F || code == 0x061C;
}

std::size_t utf16_units(char32_t code) { return code >= 0x10000 ? 2 : 1; }

}  // namespace

Character first_character(std::string_view text) {
  const auto lead = static_cast<unsigned char>(text[0]);
  if (lead < 0x80) return {lead, 1};
  const std::size_t bytes = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
  if (lead < 0xC2 || lead > 0xF4 || text.size() < bytes) return {kReplacement, 1};
  char32_t code = lead & (0xFFU >> (bytes + 1));
  for (std::size_t at = 1; at < bytes; ++at) {
    if (!is_continuation(text[at])) return {kReplacement, 1};
    code = (code << 6) | (static_cast<unsigned char>(text[at]) & 0x3F);
  }
  const bool too_long = (bytes == 3 && code < 0x800) || (bytes == 4 && code < 0x10000);
  const bool surrogate = code >= 0xD800 && code <= 0xDFFF;
  if (too_long || surrogate || code > 0x10FFFF) return {kReplacement, 1};
  return {code, bytes};
}

void append_utf8(std::string& out, char32_t code) {
  const auto byte = [&](char32_t value) { out += static_cast<char>(value); };
  if (code < 0x80) return byte(code);
  if (code < 0x800) {
    byte(0xC0 | (code >> 6));
  } else {
    if (code < 0x10000) {
      byte(0xE0 | (code >> 12));
    } else {
      byte(0xF0 | (code >> 18));
      byte(0x80 | ((code >> 12) & 0x3F));
    }
    byte(0x80 | ((code >> 6) & 0x3F));
  }
  byte(0x80 | (code & 0x3F));
}

std::string one_line(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    const Character character = first_character(text);
    text.remove_prefix(character.bytes);
    if (turns_direction(character.code)) continue;
    append_utf8(out, is_break(character.code) ? U' ' : character.code);
  }
  return out;
}

std::string shorten(std::string_view text, std::size_t most_units) {
  std::size_t units = 0;
  std::size_t keep = 0;  // bytes that leave room for the dots
  for (std::size_t at = 0; at < text.size();) {
    const Character character = first_character(text.substr(at));
    units += utf16_units(character.code);
    if (units > most_units) return std::string(text.substr(0, keep)) + "…";
    at += character.bytes;
    if (units < most_units) keep = at;
  }
  return std::string(text);
}

bool is_blank(std::string_view text) {
  return one_line(text).find_first_not_of(' ') == std::string::npos;
}

std::string shown_line(std::string_view text, std::string_view otherwise, std::size_t most_units) {
  for (const std::string_view each : {text, otherwise}) {
    const std::string line = one_line(each);
    const std::size_t begin = line.find_first_not_of(' ');
    if (begin != std::string::npos) return shorten(line.substr(begin), most_units);
  }
  return "–";
}

std::size_t count_characters(std::string_view text) {
  return static_cast<std::size_t>(
      std::ranges::count_if(text, [](char byte) { return !is_continuation(byte); }));
}

std::string joined(const std::vector<std::string>& paragraphs) {
  std::string text;
  for (const std::string& paragraph : paragraphs) text += (text.empty() ? "" : " ") + paragraph;
  return text;
}

std::vector<std::string> wrap(std::string_view text, std::size_t width) {
  std::vector<std::string> lines;
  std::string line;
  std::size_t at = 0;
  while (at < text.size()) {
    const std::size_t end = std::min(text.find(' ', at), text.size());
    const std::string_view word = text.substr(at, end - at);
    at = end + 1;
    if (word.empty()) continue;
    if (!line.empty() && count_characters(line) + 1 + count_characters(word) > width) {
      lines.push_back(std::move(line));
      line.clear();
    }
    if (!line.empty()) line += ' ';
    line += word;
  }
  if (!line.empty()) lines.push_back(std::move(line));
  return lines;
}

bool is_web_link(std::string_view url) {
  return (url.starts_with("https://") || url.starts_with("http://")) && url.size() <= 2000 &&
         std::ranges::all_of(url, [](char c) {
           return c > ' ' && c < 0x7f && c != '"' && c != '<' && c != '>' && c != '|' && c != '\\';
         });
}

}  // namespace purser::alerts
