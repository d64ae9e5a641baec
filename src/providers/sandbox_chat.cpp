// The sandbox's answers in OpenAI's chat format.
#include "purser/base/text.h"
#include "sandbox_reply.h"
#include "sandbox_text.h"

namespace purser::providers {
namespace {

using pricing::TokenClass;

std::string_view finish_reason(const SandboxChoice& choice) {
  switch (choice.end) {
    case SandboxChoice::End::output_limit:
      return "length";
    case SandboxChoice::End::tool_call:
      return "tool_calls";
    default:
      return "stop";
  }
}

std::string usage_json(const pricing::Usage& usage) {
  const std::int64_t cached = usage[TokenClass::cached_input];
  const std::int64_t prompt = usage[TokenClass::input] + cached;
  const std::int64_t completion = usage[TokenClass::output];
  return "{\"prompt_tokens\":" + std::to_string(prompt) +
         ",\"completion_tokens\":" + std::to_string(completion) +
         ",\"total_tokens\":" + std::to_string(prompt + completion) +
         ",\"prompt_tokens_details\":{\"cached_tokens\":" + std::to_string(cached) +
         ",\"audio_tokens\":0},\"completion_tokens_details\":{\"reasoning_tokens\":0,"
         "\"audio_tokens\":0,\"accepted_prediction_tokens\":0,\"rejected_prediction_tokens\":0}}";
}

std::string head(const SandboxReply& reply, std::string_view object) {
  return "{\"id\":" + quote_json(reply.id("chatcmpl-")) + ",\"object\":" + quote_json(object) +
         ",\"created\":" + std::to_string(reply.moment.epoch_seconds) +
         ",\"model\":" + quote_json(reply.request.model) +
         ",\"service_tier\":\"default\",\"system_fingerprint\":\"fp_sandbox\"";
}

std::string call_json(const SandboxReply& reply, const SandboxToolCall& call, std::size_t index,
                      std::string_view arguments, bool in_stream) {
  const std::string id = quote_json(reply.id("call_", index));
  const std::string position = in_stream ? "\"index\":0," : "";
  if (call.is_freeform) {
    return "{" + position + "\"id\":" + id +
           ",\"type\":\"custom\",\"custom\":{\"name\":" + quote_json(call.name) +
           ",\"input\":" + quote_json(arguments) + "}}";
  }
  return "{" + position + "\"id\":" + id +
         ",\"type\":\"function\",\"function\":{\"name\":" + quote_json(call.name) +
         ",\"arguments\":" + quote_json(arguments) + "}}";
}

SandboxPlan write_whole(const SandboxReply& reply) {
  std::string body = head(reply, "chat.completion") + ",\"choices\":[";
  for (std::size_t i = 0; i < reply.choices.size(); ++i) {
    const SandboxChoice& choice = reply.choices[i];
    if (i > 0) body += ',';
    body += "{\"index\":" + std::to_string(i) + ",\"message\":{\"role\":\"assistant\",\"content\":";
    body += choice.call ? "null" : quote_json(choice.text);
    if (choice.call) {
      body += ",\"tool_calls\":[" +
              call_json(reply, *choice.call, i, choice.call->arguments, false) + "]";
    }
    body += ",\"refusal\":null,\"annotations\":[]},\"logprobs\":null,\"finish_reason\":" +
            quote_json(finish_reason(choice)) + "}";
  }
  body += "],\"usage\":" + usage_json(reply.usage) + "}";
  SandboxPlan plan;
  plan.body = std::move(body);
  plan.usage = reply.usage;
  return plan;
}

class ChatStream {
 public:
  explicit ChatStream(const SandboxReply& reply)
      : reply_(reply), pacer_(reply, plan_), head_(head(reply, "chat.completion.chunk")) {}

  SandboxPlan write() {
    for (std::size_t i = 0; i < reply_.choices.size(); ++i) write_choice(i);
    if (reply_.request.include_usage) {
      pacer_.add({}, head_ + ",\"choices\":[],\"usage\":" + usage_json(reply_.usage) + "}");
    }
    pacer_.add_text("data: [DONE]\n\n");
    return std::move(plan_);
  }

 private:
  std::string chunk(std::size_t index, const std::string& delta, std::string_view finish) const {
    return head_ + ",\"choices\":[{\"index\":" + std::to_string(index) + ",\"delta\":" + delta +
           ",\"logprobs\":null,\"finish_reason\":" +
           (finish.empty() ? std::string("null") : quote_json(finish)) + "}]" +
           (reply_.request.include_usage ? ",\"usage\":null}" : "}");
  }

  void write_choice(std::size_t index) {
    const SandboxChoice& choice = reply_.choices[index];
    if (choice.call) {
      write_call(index, *choice.call);
    } else {
      pacer_.add({},
                 chunk(index, "{\"role\":\"assistant\",\"content\":\"\",\"refusal\":null}", {}));
      for (const std::string_view piece : token_pieces(choice.text)) {
        pacer_.add_token({}, chunk(index, "{\"content\":" + quote_json(piece) + "}", {}));
      }
    }
    pacer_.add({}, chunk(index, "{}", finish_reason(choice)));
  }

  void write_call(std::size_t index, const SandboxToolCall& call) {
    pacer_.add({}, chunk(index,
                         "{\"role\":\"assistant\",\"content\":null,\"tool_calls\":[" +
                             call_json(reply_, call, index, {}, true) + "],\"refusal\":null}",
                         {}));
    const std::string_view member = call.is_freeform ? "custom" : "function";
    const std::string_view text = call.is_freeform ? "input" : "arguments";
    for (const std::string_view piece : token_pieces(call.arguments)) {
      pacer_.add_token({}, chunk(index,
                                 "{\"tool_calls\":[{\"index\":0," + quote_json(member) + ":{" +
                                     quote_json(text) + ":" + quote_json(piece) + "}}]}",
                                 {}));
    }
  }

  const SandboxReply& reply_;
  SandboxPlan plan_;
  SandboxPacer pacer_;
  std::string head_;
};

}  // namespace

SandboxPlan write_sandbox_chat(const SandboxReply& reply) {
  return reply.request.stream ? ChatStream(reply).write() : write_whole(reply);
}

}  // namespace purser::providers
