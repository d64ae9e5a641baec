#include "slack.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>

#include "text.h"

namespace purser::alerts {

namespace json = boost::json;

namespace {

// Together with the header, the buttons and the last line below the 50 blocks that a message may
// be.
constexpr std::size_t kMostParagraphs = 20;
constexpr std::size_t kMostFacts = 40;  // four blocks of ten
constexpr std::size_t kMostBreakdowns = 10;
constexpr std::size_t kMostHeader = 150;
constexpr std::size_t kMostSection = 3000;
constexpr std::size_t kMostFields = 10;
constexpr std::size_t kMostField = 2000;
constexpr std::size_t kMostButton = 75;
constexpr std::size_t kMostButtons = 5;  // Slack takes 25; nobody reads them
constexpr std::size_t kMostParts = 20;   // of one breakdown
constexpr std::size_t kMostFallback = 2000;

json::object plain(std::string text) {
  return {{"type", "plain_text"}, {"text", std::move(text)}, {"emoji", false}};
}

// `escaped` came through slack_text. Verbatim: names do not become links or mentions by themselves.
json::object mrkdwn(std::string escaped) {
  return {{"type", "mrkdwn"}, {"text", std::move(escaped)}, {"verbatim", true}};
}

json::object section(std::string escaped) {
  return {{"type", "section"}, {"text", mrkdwn(std::move(escaped))}};
}

std::string breakdown_text(const Breakdown& breakdown) {
  std::string out = fmt::format("*{}*", slack_text(breakdown.title, 200));
  std::size_t shown = 0;
  for (const Breakdown::Part& part : breakdown.parts) {
    const std::string line = fmt::format("\n• {}: {} ({} %)", slack_text(part.name, 200),
                                         slack_text(part.amount, 60), part.percent);
    // Room for the line that says how many are missing.
    if (shown == kMostParts || out.size() + line.size() > kMostSection - 40) break;
    out += line;
    ++shown;
  }
  if (shown < breakdown.parts.size()) {
    out += fmt::format("\n• and {} more", breakdown.parts.size() - shown);
  }
  return out;
}

void add_facts(json::array& blocks, const std::vector<Fact>& facts) {
  json::array fields;
  const auto flush = [&] {
    if (!fields.empty()) blocks.push_back({{"type", "section"}, {"fields", fields}});
    fields.clear();
  };
  for (std::size_t at = 0; at < std::min(facts.size(), kMostFacts); ++at) {
    const Fact& fact = facts[at];
    fields.push_back(mrkdwn(fmt::format("*{}*\n{}", slack_text(fact.label, 200),
                                        slack_text(fact.value, kMostField - 210))));
    if (fields.size() == kMostFields) flush();
  }
  flush();
}

void add_buttons(json::array& blocks, const std::vector<Link>& links) {
  json::array buttons;
  for (const Link& link : links) {
    if (!is_web_link(link.url) || buttons.size() == kMostButtons) continue;
    json::object button{{"type", "button"},
                        {"text", plain(shown_line(link.text, "Open", kMostButton))},
                        {"url", link.url},
                        {"action_id", fmt::format("link_{}", buttons.size() + 1)}};
    if (buttons.empty()) button["style"] = "primary";
    buttons.push_back(std::move(button));
  }
  if (!buttons.empty()) blocks.push_back({{"type", "actions"}, {"elements", buttons}});
}

std::string fallback(const Message& message) {
  std::string text = shown_line(message.title, message.type, kMostFallback);
  if (!message.paragraphs.empty()) text += ": " + message.paragraphs.front();
  return slack_text(text, kMostFallback);
}

}  // namespace

std::string slack_text(std::string_view text, std::size_t most) {
  const std::string line = one_line(text);
  std::string out;
  std::size_t units = 0;
  for (std::size_t at = 0; at < line.size();) {
    const Character character = first_character(std::string_view(line).substr(at));
    std::string piece = line.substr(at, character.bytes);
    std::size_t length = character.code >= 0x10000 ? 2 : 1;
    if (piece == "&") piece = "&amp;";
    if (piece == "<") piece = "&lt;";
    if (piece == ">") piece = "&gt;";
    if (piece.size() > character.bytes) length = piece.size();
    at += character.bytes;
    const bool is_last = at == line.size();
    if (units + length > most || (units + length == most && !is_last)) return out + "…";
    units += length;
    out += piece;
  }
  return out;
}

HttpPost slack_post(const Message& message) {
  json::array blocks;
  blocks.push_back(
      {{"type", "header"}, {"text", plain(shown_line(message.title, message.type, kMostHeader))}});
  for (std::size_t at = 0; at < std::min(message.paragraphs.size(), kMostParagraphs); ++at) {
    if (is_blank(message.paragraphs[at])) continue;
    blocks.push_back(section(slack_text(message.paragraphs[at], kMostSection)));
  }
  add_facts(blocks, message.facts);
  for (std::size_t at = 0; at < std::min(message.breakdowns.size(), kMostBreakdowns); ++at) {
    const Breakdown& breakdown = message.breakdowns[at];
    if (!breakdown.parts.empty()) blocks.push_back(section(breakdown_text(breakdown)));
  }
  add_buttons(blocks, message.links);
  json::array last_line;
  last_line.push_back(mrkdwn(
      slack_text(fmt::format("Purser · {} · {}", message.type, format_instant(message.at)), 500)));
  blocks.push_back({{"type", "context"}, {"elements", last_line}});
  HttpPost request;
  request.body = json::serialize(json::object{{"text", fallback(message)}, {"blocks", blocks}});
  request.expected_status = 200;
  request.expected_answer = "ok";
  return request;
}

}  // namespace purser::alerts
