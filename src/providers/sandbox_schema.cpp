#include "sandbox_schema.h"

#include <simdjson.h>

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "answer_reader.h"
#include "purser/base/text.h"
#include "sandbox_text.h"

namespace purser::providers {
namespace dom = simdjson::dom;

namespace {

constexpr int kMaxDepth = 12;
constexpr int kMaxValues = 4096;  // in all: nested lists multiply
constexpr std::int64_t kMaxItems = 16;
constexpr std::size_t kMaxPadding = 4096;
constexpr std::string_view kHarmless = "echo hello from the sandbox";

// Members that hold a command to run, whatever the tool is called.
bool is_command(std::string_view name) {
  return name == "command" || name == "cmd" || name == "script";
}

// "Oslo" of "What is the weather in Oslo?".
std::string place_in(std::string_view asked) {
  for (std::size_t at = asked.find(" in "); at != std::string_view::npos;
       at = asked.find(" in ", at + 1)) {
    const std::string_view rest = asked.substr(at + 4);
    if (rest.empty() || rest[0] < 'A' || rest[0] > 'Z') continue;
    return excerpt(rest.substr(0, rest.find_first_of(" ,.;:?!\n")), 60);
  }
  return "Lisbon";
}

// What a member of this name would plausibly hold.
std::string text_for(std::string_view name, const SchemaHints& hints) {
  if (is_command(name)) return std::string(hints.command.empty() ? kHarmless : hints.command);
  const auto has = [name](std::string_view part) {
    return name.find(part) != std::string_view::npos;
  };
  if (has("path") || has("file")) return "README.md";
  if (has("url") || has("uri")) return "https://example.com/";
  if (has("mail")) return "ada@example.com";
  if (has("city") || has("location") || has("place")) return place_in(hints.asked);
  if (has("country")) return "Portugal";
  if (has("query") || has("prompt") || has("question") || has("text") || has("input")) {
    return hints.asked.empty() ? "sandbox" : excerpt(hints.asked, 120);
  }
  if (has("description") || has("reason")) return "Made up by the sandbox";
  if (has("name") || has("title")) return "Sandbox";
  return "sandbox";
}

std::string formatted(std::string_view format) {
  if (format == "date-time") return "2026-11-23T12:00:00Z";
  if (format == "date") return "2026-11-23";
  if (format == "time") return "12:00:00Z";
  if (format == "duration") return "PT1H";
  if (format == "email") return "ada@example.com";
  if (format == "uuid") return "0b6e1f0a-3c6b-4f57-9a55-3a4d6c1d9e10";
  if (format == "ipv4") return "192.0.2.1";
  if (format == "ipv6") return "2001:db8::1";
  if (format == "hostname") return "example.com";
  if (format == "uri") return "https://example.com/";
  return {};
}

class Maker {
 public:
  Maker(dom::element root, const SchemaHints& hints) : root_(root), hints_(hints) {}

  std::string make(const dom::element& schema, std::string_view name, int depth) {
    dom::object object;
    if (schema.get_object().get(object) != simdjson::SUCCESS || depth > kMaxDepth ||
        ++values_ > kMaxValues) {
      return "{}";
    }
    for (const char* fixed : {"const", "default"}) {
      dom::element value;
      if (object.at_key(fixed).get(value) == simdjson::SUCCESS && !value.is_null()) {
        return simdjson::minify(value);
      }
    }
    if (const auto choices = array_of(object, "enum"); choices && choices->size() > 0) {
      return simdjson::minify(choices->at(0).value_unsafe());
    }
    if (const auto target = follow(object)) return make(*target, name, depth + 1);
    for (const char* list : {"anyOf", "oneOf", "allOf"}) {
      const auto options = array_of(object, list);
      if (options && options->size() > 0) return make(preferred(*options), name, depth + 1);
    }
    return make_type(type_of(object), object, name, depth);
  }

 private:
  // Of {"anyOf":[{"type":"null"},…]} what says more.
  static dom::element preferred(const dom::array& options) {
    for (const dom::element option : options) {
      dom::object object;
      if (option.get_object().get(object) == simdjson::SUCCESS &&
          text_of(object, "type") != "null") {
        return option;
      }
    }
    return options.at(0).value_unsafe();
  }

  // A reference into the same document ("#", "#/$defs/Item").
  std::optional<dom::element> follow(const dom::object& object) const {
    const std::string_view reference = text_of(object, "$ref");
    dom::element target;
    if (!reference.starts_with("#") ||
        root_.at_pointer(reference.substr(1)).get(target) != simdjson::SUCCESS) {
      return std::nullopt;
    }
    return target;
  }

  static std::string_view type_of(const dom::object& object) {
    std::string_view type = text_of(object, "type");
    if (const auto types = array_of(object, "type")) {
      for (const dom::element element : *types) {
        std::string_view one;
        if (element.get_string().get(one) != simdjson::SUCCESS) continue;
        if (type.empty() || type == "null") type = one;
      }
    }
    if (type.empty()) type = object.at_key("items").error() ? "object" : "array";
    return type;
  }

  std::string make_type(std::string_view type, const dom::object& object, std::string_view name,
                        int depth) {
    if (type == "string") return make_text(object, name);
    if (type == "integer" || type == "number") return make_number(object, type == "integer");
    if (type == "boolean") return "false";
    if (type == "null") return "null";
    if (type == "array") return make_array(object, name, depth);
    return make_object(object, depth);
  }

  std::string make_text(const dom::object& object, std::string_view name) const {
    std::string text = formatted(text_of(object, "format"));
    if (text.empty()) text = text_for(name, hints_);
    std::int64_t bound = 0;
    if (object.at_key("minLength").get_int64().get(bound) == simdjson::SUCCESS && bound > 0) {
      const std::size_t wanted = std::min(static_cast<std::size_t>(bound), kMaxPadding);
      if (text.size() < wanted) text.resize(wanted, '.');
    }
    if (object.at_key("maxLength").get_int64().get(bound) == simdjson::SUCCESS && bound >= 0 &&
        static_cast<std::int64_t>(text.size()) > bound) {
      text = std::string("sandbox").substr(0, static_cast<std::size_t>(bound));
    }
    return quote_json(text);
  }

  static std::optional<double> number_of(const dom::object& object, std::string_view name) {
    double found = 0;
    if (object.at_key(name).get_double().get(found) != simdjson::SUCCESS) return std::nullopt;
    return found;
  }

  static std::string make_number(const dom::object& object, bool whole) {
    double number = 1;
    if (const auto least = number_of(object, "minimum")) number = std::max(number, *least);
    if (const auto above = number_of(object, "exclusiveMinimum")) {
      if (number <= *above) number = std::floor(*above) + 1;
    }
    if (const auto most = number_of(object, "maximum")) number = std::min(number, *most);
    if (const auto below = number_of(object, "exclusiveMaximum")) {
      if (number >= *below) number = whole ? std::ceil(*below) - 1 : *below - 0.5;
    }
    if (whole) number = std::floor(number);
    char text[40];
    std::snprintf(text, sizeof text, "%.12g", number);
    return text;
  }

  std::string make_array(const dom::object& object, std::string_view name, int depth) {
    // Older shells take their command as the words of an exec call.
    if (is_command(name)) {
      const std::string_view command = hints_.command.empty() ? kHarmless : hints_.command;
      return "[\"bash\",\"-lc\"," + quote_json(command) + "]";
    }
    std::int64_t count = 1;
    std::int64_t bound = 0;
    if (object.at_key("minItems").get_int64().get(bound) == simdjson::SUCCESS) {
      count = std::clamp<std::int64_t>(bound, 1, kMaxItems);
    }
    if (object.at_key("maxItems").get_int64().get(bound) == simdjson::SUCCESS) {
      count = std::min(count, std::max<std::int64_t>(0, bound));
    }
    dom::element items;
    if (object.at_key("items").get(items) != simdjson::SUCCESS) return "[]";
    std::string text = "[";
    for (std::int64_t i = 0; i < count; ++i) {
      if (i > 0) text += ',';
      text += make(items, name, depth + 1);
    }
    return text + "]";
  }

  // The required members; where none is, the first.
  std::string make_object(const dom::object& object, int depth) {
    const auto properties = object_of(object, "properties");
    if (!properties) return "{}";
    const auto required = array_of(object, "required");
    const bool none_required = !required || required->size() == 0;
    std::string text = "{";
    for (const auto [name, schema] : *properties) {
      if (!none_required && !lists(*required, name)) continue;
      if (text.size() > 1) text += ',';
      text += quote_json(name) + ":" + make(schema, name, depth + 1);
      if (none_required) break;
    }
    return text + "}";
  }

  static bool lists(const dom::array& names, std::string_view name) {
    for (const dom::element element : names) {
      std::string_view one;
      if (element.get_string().get(one) == simdjson::SUCCESS && one == name) return true;
    }
    return false;
  }

  dom::element root_;
  SchemaHints hints_;
  int values_ = 0;
};

}  // namespace

std::string json_for_schema(std::string_view schema_json, const SchemaHints& hints) {
  dom::parser parser;
  dom::element root;
  if (parser.parse(schema_json.data(), schema_json.size()).get(root) != simdjson::SUCCESS) {
    return "{}";
  }
  return Maker(root, hints).make(root, {}, 0);
}

}  // namespace purser::providers
