// What the sandbox answers, before it is written in a provider's format.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "purser/pricing/usage.h"
#include "purser/providers/sandbox.h"
#include "sandbox_request.h"

namespace purser::providers {

struct SandboxToolCall {
  std::string name;
  std::string arguments;  // JSON, or text of a freeform tool
  bool is_freeform = false;
};

struct SandboxChoice {
  enum class End { done, output_limit, stop_text, tool_call };
  std::string text;  // with a tool call: empty
  std::optional<SandboxToolCall> call;
  End end = End::done;
  std::string stopped_by;  // the stop text
  std::int64_t output_tokens = 0;
};

struct SandboxReply {
  SandboxRequest request;
  SandboxMoment moment;
  std::uint64_t seed = 0;
  std::vector<SandboxChoice> choices;
  pricing::Usage usage;

  // "chatcmpl-3f…": the prefix and 24 letters that depend on request, moment and `part`.
  std::string id(std::string_view prefix, std::uint64_t part = 0) const;
};

SandboxReply make_sandbox_reply(SandboxRequest request, std::string_view body,
                                const SandboxMoment& moment);

// Gathers a plan's frames at the pace of a model: each after a wait of its own.
class SandboxPacer {
 public:
  explicit SandboxPacer(const SandboxReply& reply, SandboxPlan& plan);
  // `event` empty: data alone, as OpenAI's chat streams have it.
  void add(std::string_view event, std::string_view json);        // at once
  void add_token(std::string_view event, std::string_view json);  // at human pace
  void add_text(std::string text) { plan_.frames.push_back({0, std::move(text)}); }

 private:
  SandboxPlan& plan_;
  std::uint64_t seed_;
};

// One file a format.
SandboxPlan write_sandbox_chat(const SandboxReply& reply);
SandboxPlan write_sandbox_response(const SandboxReply& reply);
SandboxPlan write_sandbox_message(const SandboxReply& reply);
SandboxPlan write_sandbox_embeddings(const SandboxReply& reply);

}  // namespace purser::providers
