#include "call_verb.h"

#include <fmt/format.h>

#include <boost/json.hpp>
#include <charconv>
#include <cstdio>
#include <fstream>
#include <iostream>
#include <sstream>

#include "purser/base/money.h"
#include "table.h"

namespace purser::main {

namespace {

namespace json = boost::json;

Error usage_error(const char* code, std::string message) { return Error{code, std::move(message)}; }

Result<json::value> body_value(const Parameter& parameter, const Given& given) {
  const std::string text = given.one(parameter.key);
  switch (parameter.kind) {
    case Kind::text:
      return json::value(text);
    case Kind::amount: {
      Result<Nanos> amount = parse_usd(text);
      if (!amount) {
        return usage_error("bad_amount", fmt::format("{} must be an amount in USD, such as 150 or "
                                                     "12.50; it is \"{}\"",
                                                     parameter.flag, text));
      }
      return json::value(format_usd(*amount));
    }
    case Kind::integer: {
      std::int64_t number = 0;
      const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
      if (error != std::errc{} || end != text.data() + text.size()) {
        return usage_error("bad_number", fmt::format("{} must be a whole number; it is \"{}\"",
                                                     parameter.flag, text));
      }
      return json::value(number);
    }
    case Kind::flag:
      return json::value(true);
    case Kind::list:
      break;
  }
  json::array values;
  for (const std::string& value : given.all(parameter.key)) values.emplace_back(value);
  return json::value(std::move(values));
}

Result<std::string> read_input(const std::string& file) {
  std::stringstream text;
  if (file == "-") {
    text << std::cin.rdbuf();
    return text.str();
  }
  std::ifstream stream(file, std::ios::binary);
  if (!stream) {
    return usage_error("no_file", fmt::format("\"{}\" cannot be read; give the name of a file that "
                                              "is there, or - for standard input",
                                              file));
  }
  text << stream.rdbuf();
  return text.str();
}

void put_into_path(std::string& path, const std::string& key, const std::string& value) {
  const std::string place = "{" + key + "}";
  const std::size_t at = path.find(place);
  PURSER_ASSERT(at != std::string::npos);
  path.replace(at, place.size(), percent_encode(value));
}

Result<void> place(const Parameter& parameter, const Given& given, Draft& draft) {
  switch (parameter.where) {
    case Where::path:
      put_into_path(draft.call.path, parameter.key, given.one(parameter.key));
      return {};
    case Where::query:
      for (const std::string& value : given.all(parameter.key)) {
        draft.call.query.emplace_back(parameter.key, value);
      }
      return {};
    case Where::body: {
      Result<json::value> value = body_value(parameter, given);
      if (!value) return value.error();
      if (draft.body.is_null()) draft.body = json::object();
      draft.body.as_object()[parameter.key] = std::move(*value);
      return {};
    }
    case Where::file: {
      Result<std::string> text = read_input(given.one(parameter.key));
      if (!text) return text.error();
      draft.call.body = std::move(*text);
      return {};
    }
    case Where::own:
      return {};
  }
  return {};
}

std::string with_thousands(std::int64_t number) {
  const std::string amount = readable_amount(fmt::format("{}", number));
  return amount.substr(0, amount.size() - 3);  // without the decimals
}

// "2026-12-01T00:00:00Z" → "2026-12-01 00:00"
std::string readable_time(std::string_view text) {
  if (text.size() < 16 || text[10] != 'T') return std::string(text);
  return std::string(text.substr(0, 10)) + " " + std::string(text.substr(11, 5));
}

std::string plain(const json::value& value) {
  if (value.is_null()) return "";
  if (const json::string* text = value.if_string()) return std::string(*text);
  if (const bool* flag = value.if_bool()) return *flag ? "yes" : "no";
  return json::serialize(value);
}

// One of a list: a team by its name, a template's cap as "150.00 a month".
std::string item(const json::value& value) {
  if (const json::value* name = member_at(value, "name")) return plain(*name);
  const json::value* limit = member_at(value, "limit_usd");
  const json::value* period = member_at(value, "period");
  if (limit == nullptr || period == nullptr) return plain(value);
  return readable_amount(plain(*limit)) + " a " + plain(*period);
}

Align align_of(Show show) {
  return show == Show::amount || show == Show::count ? Align::right : Align::left;
}

std::string show_rows(const Verb& verb, const json::array& rows) {
  if (rows.empty()) return "none\n";
  std::vector<Table::Heading> headings;
  for (const Column& column : verb.columns) {
    headings.push_back({column.heading, align_of(column.show)});
  }
  Table table(std::move(headings));
  for (const json::value& row : rows) {
    std::vector<std::string> cells;
    for (const Column& column : verb.columns) {
      cells.push_back(shown(member_at(row, column.key), column.show));
    }
    table.add(std::move(cells));
  }
  return table.text();
}

// One thing: a line for each column, or for each plain member where the verb names none.
std::string show_one(const Verb& verb, const json::value& value) {
  std::vector<std::pair<std::string, std::string>> lines;
  for (const Column& column : verb.columns) {
    std::string text = shown(member_at(value, column.key), column.show);
    if (!text.empty()) lines.emplace_back(column.heading, std::move(text));
  }
  if (const json::object* object = value.if_object(); verb.columns.empty() && object) {
    for (const auto& [key, member] : *object) {
      if (!member.is_structured()) lines.emplace_back(std::string(key), plain(member));
    }
  }
  std::size_t widest = 0;
  for (const auto& [heading, text] : lines) widest = std::max(widest, heading.size());
  std::string out;
  for (const auto& [heading, text] : lines) {
    out += fmt::format("{:<{}}  {}\n", heading, widest, printable(text));
  }
  return out;
}

// "ended {cap}" with what was given, or with what the answer says.
std::string fill(const Verb& verb, const Given& given, const json::value& answer) {
  std::string text = verb.done;
  for (std::size_t at = 0; (at = text.find('{', at)) != std::string::npos;) {
    const std::size_t end = text.find('}', at);
    PURSER_ASSERT(end != std::string::npos);
    const std::string key = text.substr(at + 1, end - at - 1);
    const std::string value =
        printable(given.has(key) ? given.one(key) : shown(member_at(answer, key), Show::text));
    text.replace(at, end + 1 - at, value);
    at += value.size();
  }
  return text + "\n";
}

}  // namespace

void Given::set(const std::string& key, std::vector<std::string> values) {
  values_[key] = std::move(values);
}
bool Given::has(const std::string& key) const { return values_.contains(key); }
std::string Given::one(const std::string& key) const {
  const auto found = values_.find(key);
  return found == values_.end() || found->second.empty() ? "" : found->second.front();
}
std::vector<std::string> Given::all(const std::string& key) const {
  const auto found = values_.find(key);
  return found == values_.end() ? std::vector<std::string>{} : found->second;
}

const json::value* member_at(const json::value& value, std::string_view path) {
  const json::value* at = &value;
  while (!path.empty()) {
    const std::size_t dot = path.find('.');
    const json::object* object = at->if_object();
    if (object == nullptr) return nullptr;
    at = object->if_contains(path.substr(0, dot));
    if (at == nullptr) return nullptr;
    path = dot == std::string_view::npos ? "" : path.substr(dot + 1);
  }
  return at;
}

std::string shown(const json::value* value, Show show) {
  if (value == nullptr || value->is_null()) return "";
  switch (show) {
    case Show::amount:
      return readable_amount(plain(*value));
    case Show::count:
      return value->is_int64() ? with_thousands(value->as_int64()) : plain(*value);
    case Show::yes:
      return value->is_bool() && !value->as_bool() ? "" : plain(*value);
    case Show::time:
      return readable_time(plain(*value));
    case Show::list: {
      std::string out;
      const json::array* values = value->if_array();
      if (values == nullptr) return plain(*value);
      for (const json::value& each : *values) out += (out.empty() ? "" : ", ") + item(each);
      return out;
    }
    case Show::text:
      return plain(*value);
  }
  PURSER_ASSERT(false);
}

Result<Draft> make_call(const Verb& verb, const Given& given) {
  Draft draft;
  draft.call.method = verb.method;
  draft.call.path = verb.path;
  for (const Parameter& parameter : verb.parameters) {
    if (!given.has(parameter.key)) continue;
    if (auto placed = place(parameter, given, draft); !placed) return placed.error();
  }
  if (verb.prepare) {
    if (auto prepared = verb.prepare(given, draft); !prepared) return prepared.error();
  }
  if (!draft.body.is_null()) draft.call.body = json::serialize(draft.body);
  return draft;
}

std::string show_answer(const Verb& verb, const Given& given, const std::string& body) {
  json::error_code problem;
  const json::value value = body.empty() ? json::value() : json::parse(body, problem);
  if (problem) return printable(body) + "\n";
  if (verb.print) return verb.print(value);
  if (!verb.done.empty()) return fill(verb, given, value);
  if (!verb.rows.empty()) {
    const json::value* rows = member_at(value, verb.rows);
    if (rows != nullptr && rows->is_array()) {
      const std::string next = shown(member_at(value, "next"), Show::text);
      return show_rows(verb, rows->as_array()) +
             (next.empty() ? "" : fmt::format("there are more: --after {}\n", printable(next)));
    }
  }
  return show_one(verb, value);
}

std::string refusal_text(const ApiAnswer& answer) {
  json::error_code problem;
  const json::value value = json::parse(answer.body, problem);
  if (!problem) {
    for (const char* path : {"error.message", "message", "detail", "error"}) {
      const json::value* message = member_at(value, path);
      if (message != nullptr && message->is_string()) return printable(plain(*message));
    }
  }
  if (answer.status == 404) {
    return "what answers at PURSER_URL is no Purser, or another version of it (404); check "
           "PURSER_URL, and `purser version` here and there";
  }
  return fmt::format("refused with status {}: {}", answer.status,
                     printable(answer.body.substr(0, 300)));
}

namespace {

Result<json::value> fetch_value(const ApiClient& client, const ApiCall& call) {
  const Result<ApiAnswer> answer = client.call(call);
  if (!answer) return answer.error();
  if (!answer->ok()) return Error{"refused", refusal_text(*answer)};
  json::error_code problem;
  json::value value = json::parse(answer->body, problem);
  if (problem) return Error{"refused", "the answer is no JSON; check PURSER_URL"};
  return value;
}

}  // namespace

int call_verb(const Verb& verb, const Given& given, bool as_json, const Environment& environment) {
  const auto fail = [&](const std::string& sentence) {
    std::cout.flush();
    std::cerr << "purser: " << sentence << "\n";
    return 1;
  };
  Result<Draft> draft = make_call(verb, given);
  if (!draft) {
    fail(draft.error().message);
    return 2;
  }
  const Result<ApiClient> client = ApiClient::from_environment(environment);
  if (!client) return fail(client.error().message);
  if (verb.find) {
    const Fetch fetch = [&](const ApiCall& call) { return fetch_value(*client, call); };
    if (auto found = verb.find(given, fetch, *draft); !found) return fail(found.error().message);
  }
  if (verb.run) return verb.run(given, *client, *draft);
  const Result<ApiAnswer> answer = client->call(draft->call);
  if (!answer) return fail(answer.error().message);
  if (as_json) {
    std::cout << answer->body << (answer->body.ends_with('\n') ? "" : "\n");
  } else if (answer->ok()) {
    std::cout << show_answer(verb, given, answer->body);
  }
  if (!answer->ok()) return fail(refusal_text(*answer));
  if (!verb.has_failures) return 0;
  json::error_code problem;
  const json::value value = json::parse(answer->body, problem);
  return !problem && verb.has_failures(value) ? 1 : 0;
}

}  // namespace purser::main
