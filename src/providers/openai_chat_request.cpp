// POST /v1/chat/completions, of OpenAI and of those who speak its format.
#include <algorithm>

#include "input_bound.h"
#include "request_reader.h"

namespace purser::providers {
namespace {

Result<void> read_stream_options(Reading& reading) {
  if (!reading.shape.stream) return {};
  const std::optional<Value> options = reading.root.find("stream_options");
  if (!options || options->is_null()) {
    write_member(reading.plan, reading.root, "stream_options", Edit::What::always,
                 "{\"include_usage\":true}");
    return {};
  }
  if (!options->is_object()) return bad_field("stream_options", "an object");
  PURSER_TRY(check_spelling(*options, "stream_options.", {"include_usage"}));
  if (const std::optional<Value> asked = present(*options, "include_usage")) {
    if (!asked->is_true() && !asked->is_false())
      return bad_field("stream_options.include_usage", "true or false");
    reading.shape.client_asked_usage = asked->is_true();
  }
  write_member(reading.plan, *options, "include_usage", Edit::What::always, "true");
  return {};
}

Result<void> read_choices(Reading& reading) {
  const std::optional<Value> n = present(reading.root, "n");
  if (!n) return {};
  Result<std::int64_t> choices = read_count(*n, "n", kMostChoices);
  if (!choices) return choices.error();
  reading.shape.choices = *choices;
  write_member(reading.plan, reading.root, "n", Edit::What::always, std::to_string(*choices));
  return {};
}

Result<void> read_limit(Reading& reading) {
  const bool openai = reading.shape.dialect == Dialect::openai;
  PURSER_TRY(read_output_limit(reading, {"max_completion_tokens", "max_tokens"},
                               openai ? "max_completion_tokens" : "max_tokens"));
  // Some servers (Ollama) know `max_tokens` only, and would overlook the other.
  if (!openai && present(reading.root, "max_completion_tokens") &&
      !present(reading.root, "max_tokens"))
    write_member(reading.plan, reading.root, "max_tokens", Edit::What::output_limit);
  return {};
}

Result<void> read_modalities(const Reading& reading) {
  const std::optional<Value> modalities = present(reading.root, "modalities");
  if (!modalities) return {};
  if (modalities->is_array() && std::all_of(modalities->begin(), modalities->end(),
                                            [](const Value& one) { return one.is_text("text"); }))
    return {};
  return refused_field("modalities", "only \"text\" is priced yet; audio output is not");
}

Result<void> read_message(Reading& reading, const Value& message) {
  if (!message.is_object()) return bad_field("messages[]", "an object");
  PURSER_TRY(check_spelling(message, "messages[].", {"role", "content", "audio", "tool_calls"}));
  PURSER_TRY(read_cache_control(reading, message, "messages[]."));
  if (const std::optional<Value> content = present(message, "content"))
    PURSER_TRY(read_content(reading, *content, "messages[].content"));
  // An earlier answer in audio, kept by the provider.
  if (const std::optional<Value> audio = present(message, "audio")) {
    if (const std::optional<Value> id = present(*audio, "id"))
      reading.shape.stored_ids.push_back(id->text());
    reading.shape.has_audio_input = true;
    reads_unseen(reading, "audio_id");
  }
  return {};
}

}  // namespace

Result<void> read_chat(Reading& reading) {
  PURSER_TRY(read_stream(reading));
  PURSER_TRY(read_stream_options(reading));
  PURSER_TRY(read_choices(reading));
  PURSER_TRY(read_limit(reading));
  PURSER_TRY(read_service_tier(reading, "default"));
  PURSER_TRY(read_modalities(reading));
  PURSER_TRY(read_moderation(reading));
  PURSER_TRY(read_prompt_cache_options(reading));
  read_attribution(reading);
  PURSER_TRY(read_tools(reading));
  if (const std::optional<Value> format = present(reading.root, "response_format")) {
    const std::optional<Value> type = present(*format, "type");
    reading.shape.has_schema = type && type->is_text("json_schema");
  }
  const std::optional<Value> messages = present(reading.root, "messages");
  if (!messages || !messages->is_array() || messages->child_count() == 0)
    return bad_field("messages", "an array of messages");
  InputBound bound(reading);
  bound.add_head();
  std::size_t after = messages->child_count();
  for (const Value message : *messages) {
    PURSER_TRY(read_message(reading, message));
    bound.add_message(message, 0, --after);
  }
  bound.finish();
  return {};
}

}  // namespace purser::providers
