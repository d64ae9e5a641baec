#include "json_text.h"

#include <cstdio>

namespace purser::store {

std::string json_string(std::string_view text) {
  std::string json = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      json.push_back('\\');
      json.push_back(c);
    } else if (static_cast<unsigned char>(c) < 0x20) {
      char escaped[8];
      std::snprintf(escaped, sizeof escaped, "\\u%04x", static_cast<unsigned>(c));
      json += escaped;
    } else {
      json.push_back(c);
    }
  }
  json.push_back('"');
  return json;
}

void JsonObject::name(std::string_view name) {
  if (text_.size() > 1) text_.push_back(',');
  text_ += json_string(name);
  text_.push_back(':');
}

JsonObject& JsonObject::add(std::string_view key, std::string_view text) {
  return add_json(key, json_string(text));
}

JsonObject& JsonObject::add(std::string_view key, std::int64_t number) {
  return add_json(key, std::to_string(number));
}

JsonObject& JsonObject::add(std::string_view key, bool value) {
  return add_json(key, value ? "true" : "false");
}

JsonObject& JsonObject::add(std::string_view key, Nanos usd) {
  return add_json(key, json_string(format_usd(usd)));
}

JsonObject& JsonObject::add(std::string_view key, Instant instant) {
  return add_json(key, json_string(format_instant(instant)));
}

JsonObject& JsonObject::add_json(std::string_view key, std::string_view json) {
  name(key);
  text_ += json;
  return *this;
}

}  // namespace purser::store
