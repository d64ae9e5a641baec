#include "message_json.h"

namespace purser::alerts {

namespace json = boost::json;

namespace {

constexpr std::size_t kMostBytes = std::size_t{1024} * 1024;
constexpr const char* kIdPrefix = "msg";

// Reading: a wrong type or a missing member throws json's own error, caught in one place below.
std::string text(const json::object& from, const char* key) {
  return std::string(from.at(key).as_string());
}

Severity parse_severity(const std::string& word) {
  for (const Severity each : {Severity::info, Severity::warning, Severity::critical}) {
    if (name(each) == word) return each;
  }
  throw std::invalid_argument("no such severity");
}

std::vector<Breakdown> read_breakdowns(const json::array& from) {
  std::vector<Breakdown> out;
  for (const json::value& each : from) {
    Breakdown breakdown{text(each.as_object(), "title"), {}};
    for (const json::value& part : each.at("parts").as_array()) {
      breakdown.parts.push_back({text(part.as_object(), "name"), text(part.as_object(), "amount"),
                                 part.at("percent").to_number<int>()});
    }
    out.push_back(std::move(breakdown));
  }
  return out;
}

Message read(const json::object& from) {
  Message message;
  Result<Id> id = parse_id(kIdPrefix, text(from, "id"));
  if (!id) throw std::invalid_argument("no id");
  message.id = *id;
  message.type = text(from, "type");
  message.at = Instant{Duration{from.at("at_nanoseconds").as_int64()}};
  message.severity = parse_severity(text(from, "severity"));
  message.title = text(from, "title");
  for (const json::value& each : from.at("paragraphs").as_array()) {
    message.paragraphs.emplace_back(each.as_string());
  }
  for (const json::value& each : from.at("facts").as_array()) {
    message.facts.push_back({text(each.as_object(), "label"), text(each.as_object(), "value")});
  }
  message.breakdowns = read_breakdowns(from.at("breakdowns").as_array());
  for (const json::value& each : from.at("links").as_array()) {
    // Messages of older versions do not say for whom.
    const json::value* whom = each.as_object().if_contains("for");
    message.links.push_back({text(each.as_object(), "text"), text(each.as_object(), "url"),
                             static_cast<LinkFor>(whom ? whom->to_number<std::uint8_t>() : 0)});
  }
  message.data = text(from, "data");
  message.pause_key = text(from, "pause_key");
  message.pause_ended = from.at("pause_ended").as_bool();
  return message;
}

}  // namespace

std::string_view name(Severity severity) {
  switch (severity) {
    case Severity::info:
      return "info";
    case Severity::warning:
      return "warning";
    case Severity::critical:
      return "critical";
  }
  PURSER_ASSERT(false);
}

json::array to_json(const std::vector<Breakdown>& breakdowns) {
  json::array out;
  for (const Breakdown& breakdown : breakdowns) {
    json::array parts;
    for (const Breakdown::Part& part : breakdown.parts) {
      parts.push_back({{"name", part.name}, {"amount", part.amount}, {"percent", part.percent}});
    }
    out.push_back({{"title", breakdown.title}, {"parts", std::move(parts)}});
  }
  return out;
}

std::string to_json(const Message& message) {
  json::array paragraphs(message.paragraphs.begin(), message.paragraphs.end());
  json::array facts, links;
  for (const Fact& fact : message.facts) {
    facts.push_back({{"label", fact.label}, {"value", fact.value}});
  }
  for (const Link& link : message.links) {
    links.push_back({{"text", link.text}, {"url", link.url}, {"for", static_cast<int>(link.whom)}});
  }
  // `data` stays the text that it is: a webhook's body is the same at every try.
  return json::serialize(json::object{{"id", to_text(kIdPrefix, message.id)},
                                      {"type", message.type},
                                      {"at_nanoseconds", message.at.time_since_epoch().count()},
                                      {"severity", name(message.severity)},
                                      {"title", message.title},
                                      {"paragraphs", std::move(paragraphs)},
                                      {"facts", std::move(facts)},
                                      {"breakdowns", to_json(message.breakdowns)},
                                      {"links", std::move(links)},
                                      {"data", message.data},
                                      {"pause_key", message.pause_key},
                                      {"pause_ended", message.pause_ended}});
}

Result<Message> read_message(std::string_view text) {
  const Error bad{"bad_message", "this is not a message as alerts::to_json writes it", Side::us};
  if (text.size() > kMostBytes) return bad;
  try {
    return read(json::parse(text).as_object());
  } catch (const std::exception&) {
    return bad;
  }
}

}  // namespace purser::alerts
