#include "audit_file.h"

#include <algorithm>
#include <boost/json.hpp>
#include <charconv>
#include <istream>
#include <optional>

namespace purser::main {
namespace {

namespace json = boost::json;

struct Line {
  audit::Entry entry;
  audit::Hash hash{};
};

const json::string* text_at(const json::object& object, std::string_view member) {
  const json::value* value = object.if_contains(member);
  return value ? value->if_string() : nullptr;
}

bool read_number(std::string_view text, int& number) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc{} && end == text.data() + text.size();
}

// "2026-11-23T15:04:05Z" or with nine decimals: what format_instant writes, and nothing else.
std::optional<Instant> read_instant(std::string_view text) {
  if (text.size() != 20 && text.size() != 30) return std::nullopt;
  int year, month, day, hour, minute, second, nanoseconds = 0;
  const bool are_numbers =
      read_number(text.substr(0, 4), year) && read_number(text.substr(5, 2), month) &&
      read_number(text.substr(8, 2), day) && read_number(text.substr(11, 2), hour) &&
      read_number(text.substr(14, 2), minute) && read_number(text.substr(17, 2), second) &&
      (text.size() == 20 || read_number(text.substr(20, 9), nanoseconds));
  if (!are_numbers) return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year{year},
                                         std::chrono::month{static_cast<unsigned>(month)},
                                         std::chrono::day{static_cast<unsigned>(day)}};
  // What an Instant can hold.
  if (!date.ok() || year < 1970 || year > 2261) return std::nullopt;
  const Instant instant = Instant{std::chrono::sys_days{date}} + std::chrono::hours(hour) +
                          std::chrono::minutes(minute) + std::chrono::seconds(second) +
                          std::chrono::nanoseconds(nanoseconds);
  if (format_instant(instant) != text) return std::nullopt;
  return instant;
}

bool read_actor(const json::object& object, Id& actor) {
  const json::value* value = object.if_contains("actor");
  if (!value || value->is_null()) return value != nullptr;
  const json::string* text = value->if_string();
  const auto id = text ? parse_id("usr", *text) : Result<Id>(Error{"bad_id", ""});
  if (id) actor = *id;
  return id.ok();
}

std::optional<Line> read_line(std::string_view text) {
  json::error_code problem;
  const json::value value = json::parse(text, problem);
  const json::object* object = problem ? nullptr : value.if_object();
  if (!object || object->size() != 11) return std::nullopt;
  Line line;
  const json::string* texts[] = {text_at(*object, "actor_name"), text_at(*object, "action"),
                                 text_at(*object, "target"),     text_at(*object, "from"),
                                 text_at(*object, "to"),         text_at(*object, "reason")};
  std::string* places[] = {&line.entry.actor_name, &line.entry.action, &line.entry.target,
                           &line.entry.from,       &line.entry.to,     &line.entry.reason};
  for (std::size_t i = 0; i < std::size(texts); ++i) {
    if (!texts[i]) return std::nullopt;
    *places[i] = std::string(*texts[i]);
  }
  const json::string* workspace = text_at(*object, "workspace");
  const json::string* at = text_at(*object, "at");
  const json::string* hash = text_at(*object, "hash");
  const json::value* sequence = object->if_contains("sequence");
  if (!workspace || !at || !hash || !sequence || !sequence->is_int64()) return std::nullopt;
  const auto id = parse_id("wsp", *workspace);
  const auto instant = read_instant(*at);
  const auto read_hash = audit::from_hex(*hash);
  if (!id || !instant || !read_hash || sequence->get_int64() <= 0) return std::nullopt;
  if (!read_actor(*object, line.entry.actor)) return std::nullopt;
  line.entry.workspace = *id;
  line.entry.at = *instant;
  line.entry.sequence = static_cast<std::uint64_t>(sequence->get_int64());
  line.hash = *read_hash;
  return line;
}

}  // namespace

store::AuditTrailReport verify_audit_lines(std::istream& lines,
                                           const std::vector<audit::GivenHead>& heads) {
  audit::ChainCheck chain(heads);
  std::vector<Line> read;
  std::uint64_t number = 0, newest = 0;
  for (std::string text; std::getline(lines, text);) {
    ++number;
    if (text.empty()) continue;
    auto line = text.size() <= kMostLineBytes ? read_line(text) : std::nullopt;
    if (!line) {
      chain.add(audit::Flaw::malformed, 0,
                "Line " + std::to_string(number) + " is no entry as an export writes them.");
      continue;
    }
    if (line->entry.sequence < newest) {
      chain.add(audit::Flaw::disorder, line->entry.sequence,
                "Audit entry " + std::to_string(line->entry.sequence) + ", on line " +
                    std::to_string(number) + ", stands behind a later one.");
    }
    newest = std::max(newest, line->entry.sequence);
    read.push_back(std::move(*line));
  }
  std::stable_sort(read.begin(), read.end(), [](const Line& one, const Line& other) {
    return one.entry.sequence < other.entry.sequence;
  });
  for (const Line& line : read) chain.take(line.entry, line.hash);
  chain.finish();
  return {chain.findings(), chain.entries(), chain.head()};
}

}  // namespace purser::main
