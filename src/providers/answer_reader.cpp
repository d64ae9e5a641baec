#include "answer_reader.h"

namespace purser::providers {
namespace dom = simdjson::dom;

namespace {
// Names and errors are kept for the record; no honest one is longer.
constexpr std::size_t kMaxNameBytes = 256;
constexpr std::size_t kMaxErrorBytes = 4096;
}  // namespace

std::string_view text_of(const dom::object& object, std::string_view name) {
  std::string_view found;
  if (object.at_key(name).get_string().get(found) != simdjson::SUCCESS) return {};
  return found;
}

std::optional<dom::object> object_of(const dom::object& object, std::string_view name) {
  dom::object found;
  if (object.at_key(name).get_object().get(found) != simdjson::SUCCESS) return std::nullopt;
  return found;
}

std::optional<dom::array> array_of(const dom::object& object, std::string_view name) {
  dom::array found;
  if (object.at_key(name).get_array().get(found) != simdjson::SUCCESS) return std::nullopt;
  return found;
}

bool has_value(const dom::object& object, std::string_view name) {
  dom::element found;
  return object.at_key(name).get(found) == simdjson::SUCCESS && !found.is_null();
}

std::string usage_ambiguity(const dom::object& holder) {
  for (const char* name : {"usage", "service_tier"}) {
    if (stands_twice(holder, name)) return std::string(name) + " stands twice in one answer";
  }
  return {};
}

void note_error(std::string_view error_json, AnswerSummary& summary) {
  summary.provider_failed = true;
  if (summary.error_body.empty() && error_json.size() <= kMaxErrorBytes) {
    summary.error_body = error_json;
  }
}

void note_identity(const dom::object& object, AnswerSummary& summary) {
  if (summary.model.empty()) summary.model = text_of(object, "model").substr(0, kMaxNameBytes);
  if (summary.response_id.empty()) {
    summary.response_id = text_of(object, "id").substr(0, kMaxNameBytes);
  }
}

void read_embeddings(const dom::object& answer, AnswerSummary& summary) {
  note_identity(answer, summary);
  summary.complete = array_of(answer, "data").has_value();
  const auto usage = object_of(answer, "usage");
  if (!usage) return;
  UsageTrack track;
  if (std::string doubt = usage_ambiguity(answer); !doubt.empty()) {
    track.see(UsageReading{std::nullopt, std::move(doubt)});
  } else {
    track.see(read_chat_usage(*usage, false));
  }
  summary.usage = track.usage();
  summary.usage_is_final = summary.usage.has_value();
  summary.suspicious = track.suspicious();
}

}  // namespace purser::providers
