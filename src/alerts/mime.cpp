#include "mime.h"

#include <fmt/format.h>
#include <sodium.h>

#include <algorithm>
#include <array>
#include <vector>

#include "text.h"

namespace purser::alerts {

namespace {

constexpr std::size_t kMostLine = 76;
constexpr std::size_t kMostHeader = 1000;  // characters of one header's text
constexpr std::size_t kMostEncodedWord = 75;
constexpr std::size_t kEncodedFrame = 12;  // "=?UTF-8?B?" and "?="

bool is_plain_ascii(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return c >= ' ' && c < 0x7f; });
}

std::string base64(std::string_view bytes) {
  std::string out(sodium_base64_ENCODED_LEN(bytes.size(), sodium_base64_VARIANT_ORIGINAL), '\0');
  sodium_bin2base64(out.data(), out.size(), reinterpret_cast<const unsigned char*>(bytes.data()),
                    bytes.size(), sodium_base64_VARIANT_ORIGINAL);
  out.pop_back();  // the zero at its end
  return out;
}

// Bytes whose base64 fits an encoded word of so many characters.
std::size_t encoded_bytes(std::size_t characters) { return (characters - kEncodedFrame) / 4 * 3; }

// Cut between characters, since each word is decoded by itself. The first stands on the key's line.
std::vector<std::string> encoded_words(std::string_view key, std::string_view text) {
  std::vector<std::string> words;
  std::string chunk;
  std::size_t most = encoded_bytes(kMostLine - 2 - key.size());
  const auto flush = [&] {
    if (!chunk.empty()) words.push_back("=?UTF-8?B?" + base64(chunk) + "?=");
    chunk.clear();
    most = encoded_bytes(kMostEncodedWord);
  };
  while (!text.empty()) {
    const std::size_t bytes = first_character(text).bytes;
    if (chunk.size() + bytes > most) flush();
    chunk += text.substr(0, bytes);
    text.remove_prefix(bytes);
  }
  flush();
  return words;
}

// A header of words, a new line wherever one would pass the width.
std::string folded(std::string_view key, const std::vector<std::string>& words) {
  std::string out = fmt::format("{}:", key);
  std::size_t column = out.size();
  for (const std::string& word : words) {
    // The first stays beside its key: a line of nothing but a key is not for every reader.
    if (column + 1 + word.size() > kMostLine && &word != &words.front()) {
      out += "\r\n";
      column = 0;
    }
    out += " " + word;
    column += 1 + word.size();
  }
  return out + "\r\n";
}

std::vector<std::string> split(std::string_view text) {
  std::vector<std::string> words;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find(' ', at), text.size());
    if (end > at) words.emplace_back(text.substr(at, end - at));
    at = end + 1;
  }
  return words;
}

// As it stands, or encoded: what is not ASCII, looks encoded, or has a word too long for a line.
std::vector<std::string> header_words(std::string_view key, std::string_view text) {
  std::vector<std::string> words = split(text);
  const bool fits = std::ranges::all_of(
      words, [](const std::string& word) { return word.size() < kMostLine - 16; });
  if (is_plain_ascii(text) && fits && text.find("=?") == std::string_view::npos) return words;
  return encoded_words(key, text);
}

}  // namespace

std::string quoted_printable(std::string_view text) {
  std::string out, line;
  const auto put = [&](std::string_view piece) {
    if (line.size() + piece.size() > kMostLine - 1) {  // room for the "=" of a soft line end
      out += line + "=\r\n";
      line.clear();
    }
    line += piece;
  };
  for (std::size_t at = 0; at < text.size(); ++at) {
    const char c = text[at];
    const bool ends_line = at + 1 == text.size() || text[at + 1] == '\n';
    if (c == '\n') {
      out += line + "\r\n";
      line.clear();
    } else if ((c > ' ' && c < 0x7f && c != '=') || (c == ' ' && !ends_line)) {
      put(text.substr(at, 1));
    } else {
      put(fmt::format("={:02X}", static_cast<unsigned char>(c)));
    }
  }
  if (!line.empty()) out += line + "\r\n";
  return out;
}

std::string text_header(std::string_view key, std::string_view text) {
  return folded(key, header_words(key, shorten(one_line(text), kMostHeader)));
}

std::string address_header(std::string_view key, std::string_view shown_name,
                           std::string_view address) {
  std::string name = shorten(one_line(shown_name), 200);
  while (name.ends_with(' ')) name.pop_back();
  std::vector<std::string> words;
  if (is_plain_ascii(name) && name.size() < kMostLine - 16 &&
      name.find("=?") == std::string::npos) {
    std::string quoted = "\"";
    for (const char c : name) {
      if (c == '"' || c == '\\') quoted += '\\';
      quoted += c;
    }
    if (!name.empty()) words.push_back(quoted + "\"");
  } else {
    words = encoded_words(key, name);
  }
  words.push_back(words.empty() ? std::string(address) : fmt::format("<{}>", address));
  return folded(key, words);
}

std::string mail_date(Instant instant) {
  using namespace std::chrono;
  static constexpr std::array kDays = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  static constexpr std::array kMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                         "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const auto day = floor<days>(instant);
  const year_month_day date{day};
  const hh_mm_ss time{floor<seconds>(instant - day)};
  return fmt::format("{}, {} {} {:04} {:02}:{:02}:{:02} +0000", kDays[weekday{day}.c_encoding()],
                     static_cast<unsigned>(date.day()),
                     kMonths[static_cast<unsigned>(date.month()) - 1],
                     static_cast<int>(date.year()), time.hours().count(), time.minutes().count(),
                     time.seconds().count());
}

}  // namespace purser::alerts
