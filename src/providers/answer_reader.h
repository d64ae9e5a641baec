// What each format's answers and events say, gathered into an AnswerSummary. One reader belongs to
// one answer. Malformed parts are passed over: what is missing then stays missing in the summary.
#pragma once

#include <simdjson.h>

#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include "purser/providers/answer.h"
#include "usage_reading.h"

namespace purser::providers {

// Small helpers over simdjson: absent and of another type are the same to a meter.
std::string_view text_of(const simdjson::dom::object& object, std::string_view name);
std::optional<simdjson::dom::object> object_of(const simdjson::dom::object& object,
                                               std::string_view name);
std::optional<simdjson::dom::array> array_of(const simdjson::dom::object& object,
                                             std::string_view name);
bool has_value(const simdjson::dom::object& object, std::string_view name);  // there and not null

// "usage" where that, or the tier that picks its price, stands twice in what holds it: then it
// cannot be believed. Otherwise "".
std::string usage_ambiguity(const simdjson::dom::object& holder);

// Notes that the provider failed, with the error (bounded) for `bills_nothing`.
void note_error(std::string_view error_json, AnswerSummary& summary);

// The model and id that an answer or a chunk carries; the first that is not empty stays.
void note_identity(const simdjson::dom::object& object, AnswerSummary& summary);

class ChatReader {
 public:
  void read_answer(const simdjson::dom::object& answer, AnswerSummary& summary);
  void read_chunk(const simdjson::dom::object& chunk, AnswerSummary& summary);

 private:
  void note_usage(const simdjson::dom::object& holder, AnswerSummary& summary);
  void note_tool_calls(const simdjson::dom::object& choice, std::string_view member,
                       AnswerSummary& summary);
  UsageTrack track_;
  std::string service_tier_;
  bool finished_ = false;                                       // a finish_reason has come
  std::set<std::pair<std::int64_t, std::int64_t>> tool_calls_;  // (choice, call), bounded
};

class ResponsesReader {
 public:
  void read_response(const simdjson::dom::object& response, AnswerSummary& summary);
  void read_event(std::string_view type, const simdjson::dom::object& event,
                  AnswerSummary& summary);

 private:
  void note_item(const simdjson::dom::object& item, std::int64_t& searches, std::int64_t& calls);
  UsageTrack track_;
  std::int64_t searches_seen_ = 0;  // by the events as they passed
  std::int64_t calls_seen_ = 0;
};

class MessagesReader {
 public:
  void read_message(const simdjson::dom::object& message, AnswerSummary& summary);
  void read_event(std::string_view type, const simdjson::dom::object& event,
                  AnswerSummary& summary);

 private:
  void note_usage(const simdjson::dom::object& holder, AnswerSummary& summary);
  MessagesUsage usage_;
  bool output_counted_ = false;  // a message_delta had a usage
};

void read_embeddings(const simdjson::dom::object& answer, AnswerSummary& summary);

}  // namespace purser::providers
