// JSON objects as text, for the columns that hold one.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "purser/base/id.h"
#include "purser/base/money.h"

namespace purser::store {

class JsonObject {
 public:
  JsonObject& add(std::string_view name, std::string_view text);
  JsonObject& add(std::string_view name, const char* text) {
    return add(name, std::string_view(text));
  }
  JsonObject& add(std::string_view name, std::int64_t number);
  JsonObject& add(std::string_view name, int number) {
    return add(name, static_cast<std::int64_t>(number));
  }
  JsonObject& add(std::string_view name, std::uint32_t number) {
    return add(name, static_cast<std::int64_t>(number));
  }
  JsonObject& add(std::string_view name, bool value);
  JsonObject& add(std::string_view name, Nanos usd);  // a decimal string
  JsonObject& add(std::string_view name, Instant instant);
  JsonObject& add_json(std::string_view name, std::string_view json);
  std::string text() const { return text_ + "}"; }

 private:
  void name(std::string_view name);
  std::string text_ = "{";
};

std::string json_string(std::string_view text);

}  // namespace purser::store
