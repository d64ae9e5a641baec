#include "body.h"

namespace purser::api {

void Body::fail(Error error) {
  if (!error_) error_ = std::move(error);
}

const json::value* Body::find(std::string_view name) {
  read_.emplace(name);
  return object_.if_contains(name);
}

void Body::wrong_type(std::string_view name, std::string_view wanted) {
  fail({"bad_member", "\"" + std::string(name) + "\" must be " + std::string(wanted) + "."});
}

void Body::missing(std::string_view name) {
  fail({"missing_member", "\"" + std::string(name) + "\" is missing from the request's body."});
}

bool Body::has(std::string_view name) { return find(name) != nullptr; }

bool Body::is_null(std::string_view name) {
  const auto* value = find(name);
  return value && value->is_null();
}

std::optional<std::string> Body::text(std::string_view name) {
  const auto* value = find(name);
  if (!value) return std::nullopt;
  if (!value->is_string()) {
    wrong_type(name, "a string");
    return std::nullopt;
  }
  return std::string(value->get_string());
}

std::string Body::required_text(std::string_view name) {
  auto value = text(name);
  if (!value) missing(name);
  return value.value_or("");
}

std::optional<bool> Body::boolean(std::string_view name) {
  const auto* value = find(name);
  if (!value) return std::nullopt;
  if (!value->is_bool()) {
    wrong_type(name, "true or false");
    return std::nullopt;
  }
  return value->get_bool();
}

std::optional<std::int64_t> Body::integer(std::string_view name, std::int64_t least,
                                          std::int64_t most) {
  const auto* value = find(name);
  if (!value) return std::nullopt;
  if (!value->is_int64() || value->get_int64() < least || value->get_int64() > most) {
    wrong_type(name,
               "a whole number from " + std::to_string(least) + " to " + std::to_string(most));
    return std::nullopt;
  }
  return value->get_int64();
}

std::optional<Nanos> Body::usd(std::string_view name) {
  const auto* value = find(name);
  if (!value) return std::nullopt;
  if (!value->is_string()) {
    wrong_type(name, "an amount in USD as a decimal string, such as \"150\" or \"12.50\"");
    return std::nullopt;
  }
  const auto amount = parse_usd(std::string_view(value->get_string()));
  if (!amount) {
    fail({amount.error().code, "\"" + std::string(name) + "\": " + amount.error().message});
    return std::nullopt;
  }
  return *amount;
}

Nanos Body::required_usd(std::string_view name) {
  const auto amount = usd(name);
  if (!amount) missing(name);
  return amount.value_or(Nanos{});
}

std::optional<std::vector<std::string>> Body::texts(std::string_view name) {
  const auto* items = array(name);
  if (!items) return std::nullopt;
  std::vector<std::string> out;
  for (const auto& item : *items) {
    if (!item.is_string()) {
      wrong_type(name, "a list of strings");
      return std::nullopt;
    }
    out.emplace_back(item.get_string());
  }
  return out;
}

const json::array* Body::array(std::string_view name) {
  const auto* value = find(name);
  if (!value) return nullptr;
  if (!value->is_array() || value->get_array().size() > kMaxListItems) {
    wrong_type(name, "a list of at most " + std::to_string(kMaxListItems) + " items");
    return nullptr;
  }
  return &value->get_array();
}

const json::object* Body::object(std::string_view name) {
  const auto* value = find(name);
  if (!value) return nullptr;
  if (!value->is_object()) {
    wrong_type(name, "an object");
    return nullptr;
  }
  return &value->get_object();
}

Result<void> Body::finish() {
  if (error_) return *error_;
  for (const auto& member : object_) {
    if (read_.contains(std::string_view(member.key()))) continue;
    std::string known;
    for (const auto& name : read_) known += (known.empty() ? "" : ", ") + name;
    return Error{"unknown_member", "\"" + std::string(member.key()).substr(0, 60) +
                                       "\" is not known here. Known: " + known + "."};
  }
  return {};
}

Result<json::object> parse_object(std::string_view text) {
  if (text.size() > kMaxBodyBytes)
    return Error{"body_too_large", "The request's body is larger than 4 MiB."};
  if (text.find_first_not_of(" \t\r\n") == std::string_view::npos) return json::object{};
  json::parse_options options;
  options.max_depth = 16;
  json::error_code failed;
  auto value = json::parse(text, failed, {}, options);
  if (failed)
    return Error{"bad_json", "The request's body is not valid JSON: " + failed.message() + "."};
  if (!value.is_object()) return Error{"bad_json", "The request's body must be a JSON object."};
  return std::move(value.get_object());
}

json::value id_json(std::string_view prefix, const Id& id) {
  if (id.is_zero()) return nullptr;
  return json::string(to_text(prefix, id));
}

json::value instant_json(const std::optional<Instant>& instant) {
  if (!instant) return nullptr;
  return instant_json(*instant);
}

std::string text_member(const json::object& of, std::string_view name) {
  const auto* found = of.if_contains(name);
  return found && found->is_string() ? std::string(found->get_string()) : std::string();
}

json::value text_or_null(std::string_view text) {
  if (text.empty()) return nullptr;
  return json::string(text);
}

json::value embedded_json(std::string_view text) {
  if (text.empty()) return nullptr;
  json::error_code failed;
  auto value = json::parse(text, failed);
  if (failed) return json::string(text);
  return value;
}

}  // namespace purser::api
