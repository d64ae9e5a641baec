#include "query.h"

namespace purser::api {
namespace {

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

Error bad_query(std::string message) { return Error{"bad_query", std::move(message)}; }

}  // namespace

std::optional<std::string> percent_decoded(std::string_view text, bool plus) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '+' && plus) {
      out.push_back(' ');
    } else if (text[i] != '%') {
      out.push_back(text[i]);
    } else {
      if (i + 2 >= text.size()) return std::nullopt;
      const int high = hex_digit(text[i + 1]);
      const int low = hex_digit(text[i + 2]);
      if (high < 0 || low < 0) return std::nullopt;
      out.push_back(static_cast<char>(high * 16 + low));
      i += 2;
    }
  }
  return out;
}

Result<Query> Query::parse(std::string_view text) {
  Query query;
  while (!text.empty()) {
    const auto end = text.find('&');
    const auto pair = text.substr(0, end);
    text = end == std::string_view::npos ? std::string_view{} : text.substr(end + 1);
    if (pair.empty()) continue;
    const auto equals = pair.find('=');
    const auto name = percent_decoded(pair.substr(0, equals), true);
    const auto value = percent_decoded(
        equals == std::string_view::npos ? std::string_view{} : pair.substr(equals + 1), true);
    if (!name || !value) return bad_query("The query has a broken %-escape.");
    if (!query.values_.emplace(*name, *value).second)
      return bad_query("\"" + name->substr(0, 60) + "\" stands in the query twice.");
  }
  return query;
}

std::string Query::text(std::string_view name) {
  read_.emplace(name);
  const auto found = values_.find(name);
  return found == values_.end() ? std::string{} : found->second;
}

bool Query::flag(std::string_view name) {
  read_.emplace(name);
  const auto found = values_.find(name);
  if (found == values_.end()) return false;
  const auto& value = found->second;
  if (value.empty() || value == "true" || value == "1") return true;
  if (value != "false" && value != "0" && !error_)
    error_ = bad_query("\"" + std::string(name) + "\" is true or false.");
  return false;
}

std::size_t Query::limit() {
  const std::string value = text("limit");
  if (value.empty()) return kDefaultPage;
  std::size_t number = 0;
  for (const char c : value) {
    if (c < '0' || c > '9' || number > kMaxPage)
      number = kMaxPage + 1;
    else
      number = number * 10 + static_cast<std::size_t>(c - '0');
  }
  if (number < 1 || number > kMaxPage) {
    if (!error_) error_ = bad_query("\"limit\" is a number from 1 to 1000.");
    return kDefaultPage;
  }
  return number;
}

std::optional<Nanos> Query::usd(std::string_view name) {
  const std::string value = text(name);
  if (value.empty()) return std::nullopt;
  const auto amount = parse_usd(value);
  if (amount) return *amount;
  if (!error_) error_ = bad_query("\"" + std::string(name) + "\": " + amount.error().message);
  return std::nullopt;
}

Id Query::after(std::string_view prefix) {
  const std::string value = text("after");
  if (value.empty()) return {};
  const auto id = parse_id(prefix, value);
  if (id) return *id;
  if (!error_)
    error_ = bad_query("\"after\" is the \"next\" of the page before: " + id.error().message);
  return {};
}

Result<void> Query::finish() {
  if (error_) return *error_;
  for (const auto& [name, value] : values_) {
    if (read_.contains(name)) continue;
    std::string known;
    for (const auto& one : read_) known += (known.empty() ? "" : ", ") + one;
    return bad_query("\"" + name.substr(0, 60) + "\" is not a parameter of this address." +
                     (known.empty() ? "" : " Known: " + known + "."));
  }
  return {};
}

}  // namespace purser::api
