// The sandbox's answers in Anthropic's format.
#include "purser/base/text.h"
#include "sandbox_reply.h"
#include "sandbox_text.h"

namespace purser::providers {
namespace {

using pricing::TokenClass;

std::string_view stop_reason(const SandboxChoice& choice) {
  switch (choice.end) {
    case SandboxChoice::End::output_limit:
      return "max_tokens";
    case SandboxChoice::End::tool_call:
      return "tool_use";
    case SandboxChoice::End::stop_text:
      return "stop_sequence";
    case SandboxChoice::End::done:
      break;
  }
  return "end_turn";
}

std::string input_json(const pricing::Usage& usage) {
  const std::int64_t write_5m = usage[TokenClass::cache_write_5m];
  const std::int64_t write_1h = usage[TokenClass::cache_write_1h];
  return "\"input_tokens\":" + std::to_string(usage[TokenClass::input]) +
         ",\"cache_creation_input_tokens\":" + std::to_string(write_5m + write_1h) +
         ",\"cache_read_input_tokens\":" + std::to_string(usage[TokenClass::cached_input]);
}

std::string usage_json(const pricing::Usage& usage, std::int64_t output_tokens) {
  return "{" + input_json(usage) + ",\"cache_creation\":{\"ephemeral_5m_input_tokens\":" +
         std::to_string(usage[TokenClass::cache_write_5m]) +
         ",\"ephemeral_1h_input_tokens\":" + std::to_string(usage[TokenClass::cache_write_1h]) +
         "},\"output_tokens\":" + std::to_string(output_tokens) + ",\"service_tier\":\"standard\"}";
}

std::string stop_json(const SandboxChoice& choice) {
  return "\"stop_reason\":" + quote_json(stop_reason(choice)) + ",\"stop_sequence\":" +
         (choice.end == SandboxChoice::End::stop_text ? quote_json(choice.stopped_by)
                                                      : std::string("null"));
}

std::string message_head(const SandboxReply& reply) {
  return "\"id\":" + quote_json(reply.id("msg_")) +
         ",\"type\":\"message\",\"role\":\"assistant\",\"model\":" +
         quote_json(reply.request.model);
}

std::string tool_use_json(const SandboxReply& reply, const SandboxToolCall& call,
                          std::string_view input) {
  return "{\"type\":\"tool_use\",\"id\":" + quote_json(reply.id("toolu_")) +
         ",\"name\":" + quote_json(call.name) + ",\"input\":" + std::string(input) + "}";
}

SandboxPlan write_whole(const SandboxReply& reply) {
  const SandboxChoice& choice = reply.choices.front();
  std::string content;
  if (choice.call) {
    content = tool_use_json(reply, *choice.call, choice.call->arguments);
  } else if (!choice.text.empty()) {
    content = "{\"type\":\"text\",\"text\":" + quote_json(choice.text) + "}";
  }
  SandboxPlan plan;
  plan.usage = reply.usage;
  plan.body = "{" + message_head(reply) + ",\"content\":[" + content + "]," + stop_json(choice) +
              ",\"usage\":" + usage_json(reply.usage, reply.usage[TokenClass::output]) + "}";
  return plan;
}

void write_block(const SandboxReply& reply, const SandboxChoice& choice, SandboxPacer& pacer) {
  const std::string start =
      choice.call ? tool_use_json(reply, *choice.call, "{}") : "{\"type\":\"text\",\"text\":\"\"}";
  pacer.add("content_block_start",
            "{\"type\":\"content_block_start\",\"index\":0,\"content_block\":" + start + "}");
  pacer.add("ping", "{\"type\":\"ping\"}");
  const std::string_view text = choice.call ? choice.call->arguments : choice.text;
  const std::string delta = choice.call ? "{\"type\":\"input_json_delta\",\"partial_json\":"
                                        : "{\"type\":\"text_delta\",\"text\":";
  for (const std::string_view piece : token_pieces(text)) {
    pacer.add_token("content_block_delta",
                    "{\"type\":\"content_block_delta\",\"index\":0,\"delta\":" + delta +
                        quote_json(piece) + "}}");
  }
  pacer.add("content_block_stop", "{\"type\":\"content_block_stop\",\"index\":0}");
}

SandboxPlan write_stream(const SandboxReply& reply) {
  const SandboxChoice& choice = reply.choices.front();
  SandboxPlan plan;
  SandboxPacer pacer(reply, plan);
  pacer.add("message_start",
            "{\"type\":\"message_start\",\"message\":{" + message_head(reply) +
                ",\"content\":[],\"stop_reason\":null,\"stop_sequence\":null,\"usage\":" +
                usage_json(reply.usage, reply.usage[TokenClass::output] > 0 ? 1 : 0) + "}}");
  if (choice.call || !choice.text.empty()) write_block(reply, choice, pacer);
  pacer.add("message_delta", "{\"type\":\"message_delta\",\"delta\":{" + stop_json(choice) +
                                 "},\"usage\":{" + input_json(reply.usage) + ",\"output_tokens\":" +
                                 std::to_string(reply.usage[TokenClass::output]) + "}}");
  pacer.add("message_stop", "{\"type\":\"message_stop\"}");
  return plan;
}

}  // namespace

SandboxPlan write_sandbox_message(const SandboxReply& reply) {
  return reply.request.stream ? write_stream(reply) : write_whole(reply);
}

}  // namespace purser::providers
