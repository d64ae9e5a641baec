#include "pagerduty.h"

#include <fmt/format.h>

#include <boost/json.hpp>

#include "text.h"

namespace purser::alerts {

namespace json = boost::json;

namespace {

constexpr std::size_t kMostSummary = 1024;
constexpr std::size_t kMostKey = 255;
constexpr std::size_t kMostDetails = 30;  // facts, and parts of a breakdown
constexpr std::size_t kMostDetail = 1000;
constexpr std::size_t kMostLinks = 10;

std::string detail(std::string_view text) { return shorten(one_line(text), kMostDetail); }

json::object details(const Message& message) {
  json::object out;
  const std::string sentences = joined(message.paragraphs);
  if (!sentences.empty()) out["What happened"] = detail(sentences);
  for (const Fact& fact : message.facts) {
    if (out.size() < kMostDetails) out[detail(fact.label)] = detail(fact.value);
  }
  for (const Breakdown& breakdown : message.breakdowns) {
    json::object parts;
    for (const Breakdown::Part& part : breakdown.parts) {
      if (parts.size() == kMostDetails) break;
      parts[detail(part.name)] = fmt::format("{} ({} %)", detail(part.amount), part.percent);
    }
    if (out.size() < kMostDetails) out[detail(breakdown.title)] = std::move(parts);
  }
  return out;
}

json::array links(const Message& message) {
  json::array out;
  for (const Link& link : message.links) {
    if (!is_web_link(link.url) || out.size() == kMostLinks) continue;
    out.push_back({{"href", link.url}, {"text", detail(link.text)}});
  }
  return out;
}

}  // namespace

HttpPost pagerduty_post(const ChannelConfig& channel, const Message& message) {
  json::object event{{"routing_key", channel.routing_key},
                     {"event_action", message.pause_ended ? "resolve" : "trigger"},
                     {"dedup_key", shorten(message.pause_key, kMostKey)}};
  // A resolve needs no more; what it said would replace nothing in the alert.
  if (!message.pause_ended) {
    event["payload"] =
        json::object{{"summary", shown_line(message.title, message.type, kMostSummary)},
                     {"source", "purser"},
                     {"severity", name(message.severity)},
                     {"timestamp", format_instant(message.at)},
                     {"class", message.type},
                     {"custom_details", details(message)}};
    event["links"] = links(message);
    event["client"] = "Purser";
  }
  HttpPost request;
  request.body = json::serialize(event);
  request.expected_status = 202;
  return request;
}

}  // namespace purser::alerts
