// The sandbox's answers in OpenAI's Responses format.
#include "purser/base/text.h"
#include "sandbox_reply.h"
#include "sandbox_text.h"

namespace purser::providers {
namespace {

using pricing::TokenClass;

class ResponseWriter {
 public:
  explicit ResponseWriter(const SandboxReply& reply)
      : reply_(reply),
        choice_(reply.choices.front()),
        item_id_(reply.id(choice_.call ? (choice_.call->is_freeform ? "ctc_" : "fc_") : "msg_")) {}

  SandboxPlan write_whole() const {
    SandboxPlan plan;
    plan.usage = reply_.usage;
    plan.body = response(final_status(), "[" + final_item() + "]", usage_json());
    return plan;
  }

  SandboxPlan write_stream() {
    SandboxPlan plan;
    SandboxPacer pacer(reply_, plan);
    const std::string empty = "\"response\":" + response("in_progress", "[]", "null");
    event(pacer, "response.created", empty);
    event(pacer, "response.in_progress", empty);
    event(pacer, "response.output_item.added", "\"output_index\":0,\"item\":" + open_item());
    if (choice_.call) {
      write_call(pacer);
    } else {
      write_text(pacer);
    }
    event(pacer, "response.output_item.done", "\"output_index\":0,\"item\":" + final_item());
    event(pacer, "response." + final_status(),
          "\"response\":" + response(final_status(), "[" + final_item() + "]", usage_json()));
    return plan;
  }

 private:
  bool is_cut() const { return choice_.end == SandboxChoice::End::output_limit; }
  std::string final_status() const { return is_cut() ? "incomplete" : "completed"; }

  void event(SandboxPacer& pacer, const std::string& type, const std::string& members,
             bool is_token = false) {
    const std::string json = "{\"type\":" + quote_json(type) +
                             ",\"sequence_number\":" + std::to_string(sequence_++) + "," + members +
                             "}";
    if (is_token) {
      pacer.add_token(type, json);
    } else {
      pacer.add(type, json);
    }
  }

  std::string usage_json() const {
    const std::int64_t cached = reply_.usage[TokenClass::cached_input];
    const std::int64_t input = reply_.usage[TokenClass::input] + cached;
    const std::int64_t output = reply_.usage[TokenClass::output];
    return "{\"input_tokens\":" + std::to_string(input) +
           ",\"input_tokens_details\":{\"cached_tokens\":" + std::to_string(cached) +
           ",\"cache_write_tokens\":0},\"output_tokens\":" + std::to_string(output) +
           ",\"output_tokens_details\":{\"reasoning_tokens\":0},\"total_tokens\":" +
           std::to_string(input + output) + "}";
  }

  std::string response(const std::string& status, const std::string& output,
                       const std::string& usage) const {
    const SandboxRequest& request = reply_.request;
    return "{\"id\":" + quote_json(reply_.id("resp_")) +
           ",\"object\":\"response\",\"created_at\":" +
           std::to_string(reply_.moment.epoch_seconds) + ",\"status\":" + quote_json(status) +
           ",\"background\":false,\"error\":null," + "\"incomplete_details\":" +
           (status == "incomplete" ? "{\"reason\":\"max_output_tokens\"}" : "null") +
           ",\"instructions\":null,\"max_output_tokens\":" +
           (request.output_limit_tokens ? std::to_string(*request.output_limit_tokens)
                                        : std::string("null")) +
           ",\"metadata\":{},\"model\":" + quote_json(request.model) + ",\"output\":" + output +
           ",\"parallel_tool_calls\":true,\"previous_response_id\":" +
           (request.previous_response_id.empty() ? std::string("null")
                                                 : quote_json(request.previous_response_id)) +
           ",\"reasoning\":{\"effort\":null,\"summary\":null},\"service_tier\":\"default\","
           "\"store\":false,\"temperature\":1.0,\"text\":{\"format\":{\"type\":\"text\"}},"
           "\"tool_choice\":\"auto\",\"tools\":[],\"top_p\":1.0,\"truncation\":\"disabled\","
           "\"usage\":" +
           usage + ",\"user\":null}";
  }

  std::string call_item(std::string_view status, std::string_view arguments) const {
    const SandboxToolCall& call = *choice_.call;
    const std::string head =
        "{\"id\":" + quote_json(item_id_) + ",\"status\":" + quote_json(status) +
        ",\"call_id\":" + quote_json(reply_.id("call_")) + ",\"name\":" + quote_json(call.name);
    if (call.is_freeform) {
      return head + ",\"type\":\"custom_tool_call\",\"input\":" + quote_json(arguments) + "}";
    }
    return head + ",\"type\":\"function_call\",\"arguments\":" + quote_json(arguments) + "}";
  }

  std::string text_part(std::string_view text) const {
    return "{\"type\":\"output_text\",\"annotations\":[],\"logprobs\":[],\"text\":" +
           quote_json(text) + "}";
  }

  std::string message_item(std::string_view status, const std::string& content) const {
    return "{\"id\":" + quote_json(item_id_) +
           ",\"type\":\"message\",\"status\":" + quote_json(status) + ",\"content\":[" + content +
           "],\"role\":\"assistant\"}";
  }

  std::string open_item() const {
    return choice_.call ? call_item("in_progress", {}) : message_item("in_progress", {});
  }
  std::string final_item() const {
    return choice_.call ? call_item("completed", choice_.call->arguments)
                        : message_item(final_status(), text_part(choice_.text));
  }

  void write_text(SandboxPacer& pacer) {
    const std::string place =
        "\"item_id\":" + quote_json(item_id_) + ",\"output_index\":0,\"content_index\":0";
    event(pacer, "response.content_part.added", place + ",\"part\":" + text_part({}));
    for (const std::string_view piece : token_pieces(choice_.text)) {
      event(pacer, "response.output_text.delta",
            place + ",\"delta\":" + quote_json(piece) + ",\"logprobs\":[]", true);
    }
    event(pacer, "response.output_text.done",
          place + ",\"text\":" + quote_json(choice_.text) + ",\"logprobs\":[]");
    event(pacer, "response.content_part.done", place + ",\"part\":" + text_part(choice_.text));
  }

  void write_call(SandboxPacer& pacer) {
    const SandboxToolCall& call = *choice_.call;
    const std::string kind =
        call.is_freeform ? "response.custom_tool_call_input" : "response.function_call_arguments";
    const std::string place = "\"item_id\":" + quote_json(item_id_) + ",\"output_index\":0";
    for (const std::string_view piece : token_pieces(call.arguments)) {
      event(pacer, kind + ".delta", place + ",\"delta\":" + quote_json(piece), true);
    }
    event(pacer, kind + ".done",
          place +
              (call.is_freeform ? ",\"input\":"
                                : ",\"name\":" + quote_json(call.name) + ",\"arguments\":") +
              quote_json(call.arguments));
  }

  const SandboxReply& reply_;
  const SandboxChoice& choice_;
  std::string item_id_;
  std::int64_t sequence_ = 0;
};

}  // namespace

SandboxPlan write_sandbox_response(const SandboxReply& reply) {
  ResponseWriter writer(reply);
  return reply.request.stream ? writer.write_stream() : writer.write_whole();
}

}  // namespace purser::providers
