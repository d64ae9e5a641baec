#include "sandbox_text.h"

#include <array>
#include <cctype>

namespace purser::providers {
namespace {

constexpr std::size_t kMaxPieceBytes = 6;
constexpr std::size_t kSentences = 4;
constexpr std::size_t kLongSentences = 60;

constexpr std::array<std::string_view, 10> kRemarks = {
    "Each word of this is billed like a real model's, so your caps behave as they will in earnest.",
    "Nothing left this machine: the prompt was read here and the answer was written here.",
    "Ask what is left at any time, and the balance will have moved by exactly this answer's cost.",
    "A request that no longer fits its cap is refused before it is sent, with the reason.",
    "Put a provider's key into the configuration and the same request goes to the real model.",
    "The numbers in the usage are plausible, and they are what the ledger settles.",
    "Several requests at once hold money side by side; none of them can pass the cap.",
    "If a tool is offered, name it in your message and it will be called.",
    "Streams come at the pace of a model, one word at a time.",
    "Your team's and your workspace's caps took part in this decision too.",
};

bool is_word(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_'; }

bool is_continuation(char c) { return (static_cast<unsigned char>(c) & 0xC0) == 0x80; }

// Scrambles a counter: SplitMix64 (Steele, Lea and Flood, 2014).
std::uint64_t scramble(std::uint64_t x) {
  x += 0x9E3779B97F4A7C15;
  x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9;
  x = (x ^ (x >> 27)) * 0x94D049BB133111EB;
  return x ^ (x >> 31);
}

}  // namespace

std::vector<std::string_view> token_pieces(std::string_view text) {
  std::vector<std::string_view> pieces;
  std::size_t at = 0;
  while (at < text.size()) {
    std::size_t end = at;
    if (text[end] == ' ' && end + 1 < text.size() && is_word(text[end + 1])) ++end;
    const std::size_t word = end;
    while (end < text.size() && end - word < kMaxPieceBytes && is_word(text[end])) ++end;
    if (end == at || end == word) {
      end = at + 1;
      while (end < text.size() && is_continuation(text[end])) ++end;
    }
    pieces.push_back(text.substr(at, end - at));
    at = end;
  }
  return pieces;
}

std::uint64_t digest_of(std::string_view text) {
  std::uint64_t digest = 0xCBF29CE484222325;  // FNV-1a
  for (const char c : text) {
    digest = (digest ^ static_cast<unsigned char>(c)) * 0x100000001B3;
  }
  return scramble(digest);
}

std::string excerpt(std::string_view text, std::size_t bytes) {
  const bool cut = text.size() > bytes;
  if (cut) {
    while (bytes > 0 && is_continuation(text[bytes])) --bytes;
    text = text.substr(0, bytes);
  }
  std::string line(text);
  for (char& c : line) {
    if (static_cast<unsigned char>(c) < ' ') c = ' ';
  }
  return cut ? line + "…" : line;
}

std::string sandbox_text(std::string_view asked, std::string_view model, std::uint64_t seed) {
  std::string text = "This is Purser's sandbox, standing in for " + excerpt(model, 80) + ".";
  if (!asked.empty()) text += " You asked: “" + excerpt(asked, 120) + "”.";
  // Who asks for a long answer gets one.
  const bool is_long = asked.find("long answer") != std::string_view::npos ||
                       asked.find("long text") != std::string_view::npos;
  const std::size_t sentences = is_long ? kLongSentences : kSentences;
  for (std::size_t i = 0; i < sentences; ++i) {
    text += ' ';
    text += kRemarks[(scramble(seed) + i * 3) % kRemarks.size()];
  }
  return text;
}

std::string sandbox_text_after_tool(std::string_view tool_result, std::uint64_t seed) {
  std::string text = tool_result.empty()
                         ? std::string("The tool ran and said nothing.")
                         : "The tool answered: “" + excerpt(tool_result, 400) + "”.";
  text += " That is all the sandbox was asked to do. ";
  text += kRemarks[scramble(seed) % kRemarks.size()];
  return text;
}

}  // namespace purser::providers
