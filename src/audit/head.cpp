#include "purser/audit/head.h"

#include <charconv>
#include <vector>

namespace purser::audit {
namespace {

constexpr std::size_t kMostWords = 3;  // number, time, hash

// Split at white space; one more than `kMostWords` where there are more.
std::vector<std::string_view> words_of(std::string_view text) {
  constexpr std::string_view kSpace = " \t\r\n";
  std::vector<std::string_view> words;
  while (words.size() <= kMostWords) {
    const auto begin = text.find_first_not_of(kSpace);
    if (begin == std::string_view::npos) break;
    text.remove_prefix(begin);
    const auto end = text.find_first_of(kSpace);
    words.push_back(text.substr(0, end));
    if (end == std::string_view::npos) break;
    text.remove_prefix(end);
  }
  return words;
}

std::optional<std::uint64_t> parse_number(std::string_view text) {
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return number;
}

}  // namespace

std::string to_text(const Head& head) {
  return std::to_string(head.sequence) + " " + format_instant(head.at) + " " + to_hex(head.hash);
}

Result<GivenHead> parse_head(std::string_view text) {
  const Error bad{"bad_head",
                  "This is no head of an audit trail: it is the line that `purser audit head` "
                  "prints, or the 64 hexadecimal digits of its hash."};
  const auto words = words_of(text);
  if (words.empty() || words.size() > kMostWords) return bad;
  GivenHead head;
  const auto hash = from_hex(words.back());
  if (!hash) return bad;
  head.hash = *hash;
  if (words.size() > 1) {
    head.sequence = parse_number(words.front());
    if (!head.sequence) return bad;
  }
  return head;
}

}  // namespace purser::audit
