#include "teams.h"

#include <fmt/format.h>

#include <boost/json.hpp>

#include "text.h"

namespace purser::alerts {

namespace json = boost::json;

namespace {

constexpr std::size_t kMostBytes = std::size_t{28} * 1024;
constexpr std::size_t kMostButtons = 6;  // Teams shows no more

// How much of a message is shown: each step shows less, the last fits whatever the message.
struct Extent {
  std::size_t parts;  // of one breakdown
  std::size_t breakdowns;
  std::size_t facts;
  std::size_t paragraphs;
  std::size_t characters;  // of one text
};
constexpr Extent kExtents[] = {
    {20, 6, 30, 20, 2000}, {10, 4, 20, 10, 1000}, {5, 3, 15, 6, 500}, {3, 1, 8, 3, 200}};

json::object text_block(std::string text) {
  return {{"type", "TextBlock"}, {"text", std::move(text)}, {"wrap", true}};
}

const char* colour(Severity severity) {
  switch (severity) {
    case Severity::info:
      return "Accent";
    case Severity::warning:
      return "Warning";
    case Severity::critical:
      return "Attention";
  }
  PURSER_ASSERT(false);
}

void add_breakdown(json::array& body, const Breakdown& breakdown, const Extent& extent) {
  json::object title = text_block(teams_text(shown_line(breakdown.title, "", 200), 200));
  title["weight"] = "Bolder";
  title["separator"] = true;
  body.push_back(std::move(title));
  json::array facts;
  for (const Breakdown::Part& part : breakdown.parts) {
    if (facts.size() == extent.parts) break;
    facts.push_back(
        {{"title", teams_text(part.name, 100)},
         {"value", fmt::format("{} ({} %)", teams_text(part.amount, 60), part.percent)}});
  }
  if (facts.size() < breakdown.parts.size()) {
    facts.push_back({{"title", "…"},
                     {"value", fmt::format("and {} more", breakdown.parts.size() - facts.size())}});
  }
  body.push_back({{"type", "FactSet"}, {"facts", facts}});
}

json::array card_body(const Message& message, const Extent& extent) {
  json::array body;
  json::object title = text_block(teams_text(shown_line(message.title, message.type, 300), 300));
  title["size"] = "Large";
  title["weight"] = "Bolder";
  title["color"] = colour(message.severity);
  body.push_back(std::move(title));
  for (std::size_t at = 0; at < message.paragraphs.size() && at < extent.paragraphs; ++at) {
    if (is_blank(message.paragraphs[at])) continue;
    body.push_back(text_block(teams_text(message.paragraphs[at], extent.characters)));
  }
  json::array facts;
  for (std::size_t at = 0; at < message.facts.size() && at < extent.facts; ++at) {
    facts.push_back({{"title", teams_text(message.facts[at].label, 100)},
                     {"value", teams_text(message.facts[at].value, extent.characters)}});
  }
  if (!facts.empty()) body.push_back({{"type", "FactSet"}, {"facts", facts}});
  for (std::size_t at = 0; at < message.breakdowns.size() && at < extent.breakdowns; ++at) {
    if (!message.breakdowns[at].parts.empty()) add_breakdown(body, message.breakdowns[at], extent);
  }
  json::object last_line = text_block(
      teams_text(fmt::format("Purser · {} · {}", message.type, format_instant(message.at)), 300));
  last_line["isSubtle"] = true;
  last_line["size"] = "Small";
  body.push_back(std::move(last_line));
  return body;
}

json::array actions(const std::vector<Link>& links) {
  json::array out;
  for (const Link& link : links) {
    if (!is_web_link(link.url) || out.size() == kMostButtons) continue;
    json::object action{{"type", "Action.OpenUrl"},
                        {"title", shown_line(link.text, "Open", 100)},
                        {"url", link.url}};
    if (out.empty()) action["style"] = "positive";
    out.push_back(std::move(action));
  }
  return out;
}

std::string envelope(const Message& message, const Extent& extent) {
  json::object card{{"$schema", "http://adaptivecards.io/schemas/adaptive-card.json"},
                    {"type", "AdaptiveCard"},
                    {"version", "1.4"},
                    {"body", card_body(message, extent)}};
  json::array buttons = actions(message.links);
  if (!buttons.empty()) card["actions"] = std::move(buttons);
  json::array attachments;
  attachments.push_back({{"contentType", "application/vnd.microsoft.card.adaptive"},
                         {"contentUrl", nullptr},
                         {"content", std::move(card)}});
  return json::serialize(
      json::object{{"type", "message"}, {"attachments", std::move(attachments)}});
}

}  // namespace

std::string teams_text(std::string_view text, std::size_t most) {
  std::string out;
  for (const char c : shorten(one_line(text), most)) {
    if (std::string_view("\\`*_[]").find(c) != std::string_view::npos) out += '\\';
    out += c;
  }
  return out;
}

HttpPost teams_post(const Message& message) {
  HttpPost request;
  for (const Extent& extent : kExtents) {
    request.body = envelope(message, extent);
    if (request.body.size() <= kMostBytes) break;
  }
  return request;
}

}  // namespace purser::alerts
