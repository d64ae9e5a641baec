// POST /v1/messages.
#include "input_bound.h"
#include "request_reader.h"

namespace purser::providers {
namespace {

Result<void> read_max_tokens(Reading& reading) {
  const std::optional<Value> limit = present(reading.root, "max_tokens");
  if (!limit) return bad_field("max_tokens", "given; Anthropic requires it");
  return read_output_limit(reading, {"max_tokens"}, "max_tokens");
}

Result<void> read_thinking(Reading& reading) {
  const std::optional<Value> thinking = present(reading.root, "thinking");
  if (!thinking) return {};
  if (!thinking->is_object()) return bad_field("thinking", "an object");
  PURSER_TRY(check_spelling(*thinking, "thinking.", {"type", "budget_tokens"}));
  const std::optional<Value> type = present(*thinking, "type");
  const std::optional<Value> budget = present(*thinking, "budget_tokens");
  if (!budget || (type && type->is_text("disabled"))) return {};
  Result<std::int64_t> tokens = read_count(*budget, "thinking.budget_tokens", kMostTokens);
  if (!tokens) return tokens.error();
  reading.shape.thinking_budget_tokens = *tokens;
  return {};
}

Result<void> read_output_config(Reading& reading) {
  if (present(reading.root, "output_format")) reading.shape.has_schema = true;
  const std::optional<Value> config = present(reading.root, "output_config");
  if (!config) return {};
  if (!config->is_object()) return bad_field("output_config", "an object");
  if (present(*config, "format")) reading.shape.has_schema = true;
  return {};
}

Result<void> read_context_management(Reading& reading) {
  const std::optional<Value> management = present(reading.root, "context_management");
  if (!management) return {};
  if (!management->is_object()) return bad_field("context_management", "an object");
  PURSER_TRY(check_spelling(*management, "context_management.", {"edits"}));
  const std::optional<Value> edits = present(*management, "edits");
  if (!edits) return {};
  if (!edits->is_array()) return bad_field("context_management.edits", "an array");
  for (const Value edit : *edits) {
    PURSER_TRY(check_spelling(edit, "context_management.edits[].", {"type"}));
    const std::optional<Value> type = present(edit, "type");
    if (type && type->is_text("clear_tool_uses_20250919")) {
      // It may have cleared more of an earlier request than it clears of this one.
      reading.prefixes_hold = false;
    } else if (!type || !type->is_text("clear_thinking_20251015")) {
      return refused_field("context_management.edits[].type",
                           "an edit other than clear_tool_uses_20250919 and "
                           "clear_thinking_20251015 may make the model run once more");
    }
  }
  return {};
}

Result<void> read_thread(Reading& reading) {
  const std::optional<Value> thread = present(reading.root, "thread");
  if (!thread) return {};
  if (!thread->is_object()) return bad_field("thread", "an object");
  PURSER_TRY(check_spelling(*thread, "thread.", {"type", "previous_message_id"}));
  const std::optional<Value> type = present(*thread, "type");
  if (type && type->is_text("create")) return {};
  if (const std::optional<Value> id = present(*thread, "previous_message_id"))
    reading.shape.stored_ids.push_back(id->text());
  reads_unseen(reading, "thread");
  return {};
}

Result<void> read_billing_policy(const Reading& reading) {
  const std::optional<Value> policy = present(reading.root, "billing_policy");
  if (!policy) return {};
  PURSER_TRY(check_spelling(*policy, "billing_policy.", {"bill_to"}));
  const std::optional<Value> payer = present(*policy, "bill_to");
  if (policy->is_object() && (!payer || payer->is_text("self"))) return {};
  return refused_field("billing_policy", "another organisation would pay, by prices of its own");
}

void read_metadata(Reading& reading) {
  const std::optional<Value> metadata = present(reading.root, "metadata");
  const std::optional<Value> user = metadata ? present(*metadata, "user_id") : metadata;
  if (user && user->compact_bytes() <= 4'096) reading.shape.end_user = user->text();
}

Result<void> read_message(Reading& reading, const Value& message) {
  if (!message.is_object()) return bad_field("messages[]", "an object");
  PURSER_TRY(check_spelling(message, "messages[].", {"role", "content"}));
  const std::optional<Value> content = present(message, "content");
  return content ? read_content(reading, *content, "messages[].content") : Result<void>();
}

}  // namespace

Result<void> read_messages(Reading& reading) {
  PURSER_TRY(read_stream(reading));
  PURSER_TRY(read_max_tokens(reading));
  PURSER_TRY(read_service_tier(reading, "standard_only"));
  PURSER_TRY(read_thinking(reading));
  PURSER_TRY(read_output_config(reading));
  PURSER_TRY(read_context_management(reading));
  PURSER_TRY(read_thread(reading));
  PURSER_TRY(read_billing_policy(reading));
  read_metadata(reading);
  PURSER_TRY(read_cache_control(reading, reading.root, ""));
  PURSER_TRY(read_tools(reading));
  if (const std::optional<Value> system = present(reading.root, "system"))
    PURSER_TRY(read_content(reading, *system, "system"));
  const std::optional<Value> messages = present(reading.root, "messages");
  if (!messages || !messages->is_array() || messages->child_count() == 0)
    return bad_field("messages", "an array of messages");
  InputBound bound(reading);
  bound.canonical_content(true);
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
