// The sandbox: a provider of Purser's own that answers without a provider account. It speaks the
// OpenAI and Anthropic formats, calls a tool when asked to, keeps to a schema, and bills plausible
// usage. What it says says that it is the sandbox.
//
// Pure functions: the same request, time and salt give the same answer. They write the answer; who
// sends it waits as the plan says (tests do not wait). Thread-safe. Delays are milliseconds.
//
//   SandboxPlan plan = plan_sandbox_answer(Format::openai_chat, body, {.salt = random});
//   for (const SandboxFrame& frame : plan.frames) { wait(frame.delay_ms); send(frame.text); }
//
// Asking for a tool: the last user text says "run `CMD`" (a shell-like tool of the request runs
// it), "use the NAME tool", or names a tool; or `tool_choice` demands one. The arguments come from
// its JSON Schema. When the tool's result comes back, it answers with text.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "purser/pricing/usage.h"
#include "purser/providers/format.h"

namespace purser::providers {

struct SandboxMoment {
  std::int64_t epoch_seconds = 0;  // the time that the answer carries
  std::uint64_t salt = 0;          // makes ids of equal requests differ
};

// One SSE event.
struct SandboxFrame {
  std::int64_t delay_ms = 0;  // before it
  std::string text;
};

struct SandboxPlan {
  int status = 200;
  std::string content_type = "application/json";
  std::int64_t delay_ms = 0;         // before the answer begins
  std::string body;                  // a JSON answer
  std::vector<SandboxFrame> frames;  // a stream; then `body` is empty
  pricing::Usage usage;              // what the answer bills: exactly what it says
};

// The answer to a request to one of the formats. A request that is no JSON object or lacks its
// model gets the provider's error with status 400.
SandboxPlan plan_sandbox_answer(Format format, std::string_view body, const SandboxMoment& moment);

// POST /v1/responses/input_tokens, OpenAI's counting endpoint. (Anthropic's is a format.)
SandboxPlan plan_sandbox_response_count(std::string_view body);

// GET /v1/models, in Anthropic's shape or OpenAI's: `small` and `large`.
std::string sandbox_models(bool anthropic_shape);

}  // namespace purser::providers
