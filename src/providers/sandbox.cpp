#include "purser/providers/sandbox.h"

#include <algorithm>

#include "purser/base/text.h"
#include "purser/providers/refusal.h"
#include "sandbox_reply.h"

namespace purser::providers {
namespace {

constexpr std::int64_t kMsPerToken = 25;
constexpr std::int64_t kMaxWaitMs = 2000;

SandboxPlan bad_request(Format format, const Error& error) {
  SandboxPlan plan;
  plan.status = 400;
  Refusal refusal;
  refusal.status = 400;
  refusal.code = error.code;
  refusal.message = error.message;
  plan.body = write_refusal(format, refusal, {}).body;
  return plan;
}

SandboxPlan write_plan(const SandboxReply& reply) {
  switch (reply.request.format) {
    case Format::openai_chat:
      return write_sandbox_chat(reply);
    case Format::openai_responses:
      return write_sandbox_response(reply);
    case Format::openai_embeddings:
      return write_sandbox_embeddings(reply);
    case Format::anthropic_messages:
      return write_sandbox_message(reply);
    case Format::anthropic_count_tokens:
      break;
  }
  SandboxPlan plan;
  plan.body = "{\"input_tokens\":" + std::to_string(reply.request.input_tokens) + "}";
  return plan;
}

}  // namespace

SandboxPlan plan_sandbox_answer(Format format, std::string_view body, const SandboxMoment& moment) {
  Result<SandboxRequest> request = read_sandbox_request(format, body);
  if (!request) return bad_request(format, request.error());
  const SandboxReply reply = make_sandbox_reply(std::move(*request), body, moment);
  SandboxPlan plan = write_plan(reply);
  if (plan.frames.empty()) {
    const std::int64_t tokens = plan.usage[pricing::TokenClass::output];
    plan.delay_ms = std::min(tokens * kMsPerToken, kMaxWaitMs);
  }
  return plan;
}

SandboxPlan plan_sandbox_response_count(std::string_view body) {
  const Result<SandboxRequest> request = read_sandbox_request(Format::openai_responses, body);
  if (!request) return bad_request(Format::openai_responses, request.error());
  SandboxPlan plan;
  plan.body = "{\"object\":\"response.input_tokens\",\"input_tokens\":" +
              std::to_string(request->input_tokens) + "}";
  return plan;
}

std::string sandbox_models(bool anthropic_shape) {
  if (anthropic_shape) {
    return "{\"data\":["
           "{\"type\":\"model\",\"id\":\"small\",\"display_name\":\"Sandbox small\","
           "\"created_at\":\"2026-11-23T00:00:00Z\"},"
           "{\"type\":\"model\",\"id\":\"large\",\"display_name\":\"Sandbox large\","
           "\"created_at\":\"2026-11-23T00:00:00Z\"}],"
           "\"has_more\":false,\"first_id\":\"small\",\"last_id\":\"large\"}";
  }
  return "{\"object\":\"list\",\"data\":["
         "{\"id\":\"small\",\"object\":\"model\",\"created\":1795392000,\"owned_by\":\"purser\"},"
         "{\"id\":\"large\",\"object\":\"model\",\"created\":1795392000,\"owned_by\":\"purser\"}]}";
}

}  // namespace purser::providers
