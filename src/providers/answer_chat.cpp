// OpenAI's POST /v1/chat/completions and all who speak it.
#include "answer_reader.h"

namespace purser::providers {
namespace dom = simdjson::dom;

namespace {
// Enough for any real answer; above it calls are no longer counted (the count is informational).
constexpr std::size_t kMaxToolCalls = 1024;

std::int64_t index_of(const dom::object& object, std::int64_t otherwise) {
  std::int64_t index = 0;
  if (object.at_key("index").get_int64().get(index) != simdjson::SUCCESS) return otherwise;
  return index;
}
}  // namespace

void ChatReader::note_usage(const dom::object& holder, AnswerSummary& summary) {
  const std::string_view tier = text_of(holder, "service_tier");
  if (!tier.empty()) service_tier_ = service_tier_name(tier);
  auto usage = object_of(holder, "usage");
  if (!usage) {
    // Groq reports it here, whether or not the request asked for usage.
    if (const auto groq = object_of(holder, "x_groq")) usage = object_of(*groq, "usage");
  }
  if (std::string doubt = usage_ambiguity(holder); !doubt.empty()) {
    track_.see(UsageReading{std::nullopt, std::move(doubt)});
  } else if (usage) {
    track_.see(read_chat_usage(*usage, true));
  }
  summary.usage = track_.usage();
  if (summary.usage) summary.usage->service_tier = service_tier_;
  summary.suspicious = track_.suspicious();
}

void ChatReader::note_tool_calls(const dom::object& choice, std::string_view member,
                                 AnswerSummary& summary) {
  const auto message = object_of(choice, member);
  if (!message) return;
  const auto calls = array_of(*message, "tool_calls");
  if (!calls) return;
  std::int64_t position = 0;
  for (const dom::element element : *calls) {
    dom::object call;
    if (element.get_object().get(call) == simdjson::SUCCESS && tool_calls_.size() < kMaxToolCalls) {
      tool_calls_.insert({index_of(choice, 0), index_of(call, position)});
    }
    ++position;
  }
  summary.tool_calls = static_cast<std::int64_t>(tool_calls_.size());
}

void ChatReader::read_answer(const dom::object& answer, AnswerSummary& summary) {
  note_identity(answer, summary);
  note_usage(answer, summary);
  summary.usage_is_final = summary.usage.has_value();
  if (const auto choices = array_of(answer, "choices")) {
    summary.complete = true;
    summary.any_output = true;
    for (const dom::element element : *choices) {
      dom::object choice;
      if (element.get_object().get(choice) != simdjson::SUCCESS) continue;
      note_tool_calls(choice, "message", summary);
    }
  }
}

void ChatReader::read_chunk(const dom::object& chunk, AnswerSummary& summary) {
  note_identity(chunk, summary);
  note_usage(chunk, summary);
  const auto choices = array_of(chunk, "choices");
  if (!choices || choices->size() == 0) {
    if (object_of(chunk, "usage")) summary.usage_is_final = summary.usage.has_value();
    return;
  }
  summary.any_output = true;
  for (const dom::element element : *choices) {
    dom::object choice;
    if (element.get_object().get(choice) != simdjson::SUCCESS) continue;
    note_tool_calls(choice, "delta", summary);
    if (has_value(choice, "finish_reason")) finished_ = true;
  }
  if (finished_ && summary.usage) summary.usage_is_final = true;
}

}  // namespace purser::providers
