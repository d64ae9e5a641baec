// POST /v1/responses.
#include <algorithm>

#include "input_bound.h"
#include "request_reader.h"

namespace purser::providers {
namespace {

void read_schema(Reading& reading, const std::optional<Value>& text) {
  const std::optional<Value> format = text ? present(*text, "format") : text;
  const std::optional<Value> type = format ? present(*format, "type") : format;
  if (type && type->is_text("json_schema")) reading.shape.has_schema = true;
}

Result<void> read_reasoning_options(const Reading& reading) {
  const std::optional<Value> reasoning = present(reading.root, "reasoning");
  if (!reasoning) return {};
  if (!reasoning->is_object()) return bad_field("reasoning", "an object");
  PURSER_TRY(check_spelling(*reasoning, "reasoning.", {"mode"}));
  const std::optional<Value> mode = present(*reasoning, "mode");
  if (mode && !mode->is_text("standard"))
    return refused_field("reasoning.mode",
                         "other modes think in several runs whose tokens the output limit is not "
                         "known to bound; admitted: \"standard\"");
  return {};
}

Result<void> read_stored(Reading& reading) {
  if (const std::optional<Value> previous = present(reading.root, "previous_response_id")) {
    if (!previous->is_string()) return bad_field("previous_response_id", "a text");
    const std::string id = previous->text();
    if (!id.empty()) reading.shape.previous_response_id = id;
  }
  if (const std::optional<Value> prompt = present(reading.root, "prompt")) {
    const std::optional<Value> id = present(*prompt, "id");
    if (!id || !id->is_string()) return bad_field("prompt.id", "a text");
    reading.shape.stored_ids.push_back(id->text());
    reads_unseen(reading, "stored_prompt");
  }
  return {};
}

Result<void> read_input(Reading& reading) {
  InputBound bound(reading);
  bound.add_head();
  const std::optional<Value> input = present(reading.root, "input");
  if (!input) {
    if (!reading.shape.previous_response_id && !reading.shape.reads_unseen)
      return bad_field("input", "a text or an array of items");
  } else if (input->is_string()) {
    bound.add_message(*input, 0, 0);
  } else if (input->is_array()) {
    std::size_t after = input->child_count();
    for (const Value item : *input) {
      PURSER_TRY(read_part(reading, item, "input[]."));
      read_schema(reading, item.find("text"));
      bound.add_message(item, 0, --after);
    }
  } else {
    return bad_field("input", "a text or an array of items");
  }
  bound.finish();
  return {};
}

}  // namespace

Result<void> read_responses(Reading& reading) {
  PURSER_TRY(read_stream(reading));
  PURSER_TRY(read_output_limit(reading, {"max_output_tokens"}, "max_output_tokens"));
  PURSER_TRY(read_service_tier(reading, "default"));
  PURSER_TRY(read_reasoning_options(reading));
  PURSER_TRY(read_moderation(reading));
  PURSER_TRY(read_prompt_cache_options(reading));
  read_attribution(reading);
  PURSER_TRY(read_tools(reading));
  PURSER_TRY(read_stored(reading));
  read_schema(reading, present(reading.root, "text"));
  // Dropping items from the middle, the provider may have read less of an earlier request.
  if (const std::optional<Value> truncation = present(reading.root, "truncation"))
    reading.prefixes_hold = truncation->is_text("disabled");
  return read_input(reading);
}

}  // namespace purser::providers
