// The plain part of an e-mail.
#include <fmt/format.h>

#include <algorithm>

#include "email.h"
#include "text.h"

namespace purser::alerts {

namespace {

constexpr std::size_t kWidth = 72;
constexpr std::size_t kMostLabel = 24;  // a longer one stands on a line of its own
constexpr std::size_t kMostName = 34;
constexpr std::size_t kMostParts = 20;
constexpr std::size_t kMostParagraph = 4000;

std::string spaces(std::size_t count) { return std::string(count, ' '); }

std::string padded(const std::string& text, std::size_t width) {
  const std::size_t length = count_characters(text);
  return length < width ? text + spaces(width - length) : text;
}

std::string padded_left(const std::string& text, std::size_t width) {
  const std::size_t length = count_characters(text);
  return length < width ? spaces(width - length) + text : text;
}

std::string paragraph_lines(std::string_view text) {
  std::string out;
  for (const std::string& line : wrap(shorten(one_line(text), kMostParagraph), kWidth)) {
    out += line + "\n";
  }
  return out + "\n";
}

std::string fact_lines(const std::vector<Fact>& facts) {
  std::size_t width = 0;
  for (const Fact& fact : facts) {
    const std::size_t length = count_characters(one_line(fact.label));
    if (length <= kMostLabel) width = std::max(width, length);
  }
  std::string out;
  for (const Fact& fact : facts) {
    const std::string label = one_line(fact.label);
    out += padded(label, width);
    if (count_characters(label) > width) out += "\n" + spaces(width);
    bool first = true;
    for (const std::string& line :
         wrap(shorten(one_line(fact.value), kMostParagraph), kWidth - width - 2)) {
      out += (first ? "" : spaces(width)) + "  " + line + "\n";
      first = false;
    }
    if (first) out += "\n";
  }
  return out.empty() ? out : out + "\n";
}

std::string breakdown_lines(const Breakdown& breakdown) {
  const std::size_t shown = std::min(breakdown.parts.size(), kMostParts);
  std::size_t name_width = 0, amount_width = 0;
  for (std::size_t at = 0; at < shown; ++at) {
    const Breakdown::Part& part = breakdown.parts[at];
    name_width = std::max(name_width, count_characters(shorten(one_line(part.name), kMostName)));
    amount_width = std::max(amount_width, count_characters(one_line(part.amount)));
  }
  std::string out = one_line(breakdown.title) + "\n";
  for (std::size_t at = 0; at < shown; ++at) {
    const Breakdown::Part& part = breakdown.parts[at];
    out += fmt::format("  {}  {}  {:>3} %\n",
                       padded(shorten(one_line(part.name), kMostName), name_width),
                       padded_left(one_line(part.amount), amount_width), part.percent);
  }
  if (shown < breakdown.parts.size()) {
    out += fmt::format("  and {} more\n", breakdown.parts.size() - shown);
  }
  return out + "\n";
}

}  // namespace

std::string plain_text(const Message& message) {
  std::string out;
  const std::vector<std::string> title = wrap(shorten(one_line(message.title), 300), kWidth);
  std::size_t longest = 0;
  for (const std::string& line : title) {
    out += line + "\n";
    longest = std::max(longest, count_characters(line));
  }
  if (!title.empty()) out += std::string(std::min(longest, kWidth), '=') + "\n\n";
  for (const std::string& paragraph : message.paragraphs) out += paragraph_lines(paragraph);
  out += fact_lines(message.facts);
  for (const Breakdown& breakdown : message.breakdowns) {
    if (!breakdown.parts.empty()) out += breakdown_lines(breakdown);
  }
  for (const Link& link : message.links) {
    if (is_web_link(link.url)) out += fmt::format("{}:\n{}\n\n", one_line(link.text), link.url);
  }
  return out + fmt::format("-- \nPurser, {}\n{}\n",
                           format_instant(std::chrono::floor<std::chrono::seconds>(message.at)),
                           to_text("msg", message.id));
}

}  // namespace purser::alerts
