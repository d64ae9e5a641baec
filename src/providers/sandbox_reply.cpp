#include "sandbox_reply.h"

#include <algorithm>

#include "sandbox_schema.h"
#include "sandbox_text.h"
#include "sandbox_tool.h"

namespace purser::providers {
namespace {

using pricing::TokenClass;

constexpr std::int64_t kCallOverheadTokens = 4;   // of a tool call, beside its name and arguments
constexpr std::int64_t kCacheBlockTokens = 128;   // OpenAI caches in such steps …
constexpr std::int64_t kCacheLeastTokens = 1024;  // … and nothing shorter than this

std::int64_t count_tokens(std::string_view text) {
  return static_cast<std::int64_t>(token_pieces(text).size());
}

// Up to the first stop text; then up to the output limit.
void cut(const SandboxRequest& request, SandboxChoice& choice) {
  std::size_t first = std::string::npos;
  for (const std::string& stop : request.stops) {
    const std::size_t at = choice.text.find(stop);
    if (at < first) {
      first = at;
      choice.stopped_by = stop;
    }
  }
  if (first != std::string::npos) {
    choice.text.resize(first);
    choice.end = SandboxChoice::End::stop_text;
  }
  const std::vector<std::string_view> pieces = token_pieces(choice.text);
  choice.output_tokens = static_cast<std::int64_t>(pieces.size());
  if (request.output_limit_tokens && choice.output_tokens > *request.output_limit_tokens) {
    choice.output_tokens = std::max<std::int64_t>(0, *request.output_limit_tokens);
    std::size_t bytes = 0;
    for (std::int64_t i = 0; i < choice.output_tokens; ++i) {
      bytes += pieces[static_cast<std::size_t>(i)].size();
    }
    choice.text.resize(bytes);
    choice.end = SandboxChoice::End::output_limit;
    choice.stopped_by.clear();
  }
}

SandboxChoice make_choice(const SandboxRequest& request, std::uint64_t seed) {
  SandboxChoice choice;
  if (auto call = choose_sandbox_tool(request)) {
    const std::int64_t tokens =
        count_tokens(call->name) + count_tokens(call->arguments) + kCallOverheadTokens;
    // A call that does not fit its limit would be cut in mid-word; then it is not made.
    if (!request.output_limit_tokens || tokens <= *request.output_limit_tokens) {
      choice.call = std::move(call);
      choice.end = SandboxChoice::End::tool_call;
      choice.output_tokens = tokens;
      return choice;
    }
  }
  if (request.wants_json) {
    choice.text = request.schema_json.empty()
                      ? std::string("{\"sandbox\":true}")
                      : json_for_schema(request.schema_json, {request.asked, {}});
  } else if (request.has_tool_result) {
    choice.text = sandbox_text_after_tool(request.tool_result, seed);
  } else {
    choice.text = sandbox_text(request.asked, request.model, seed);
  }
  cut(request, choice);
  return choice;
}

// A part of the input as read from or written to the cache, as a provider would find it: written on
// the first turn, read on later ones.
void bill_input(const SandboxRequest& request, pricing::Usage& usage) {
  const std::int64_t all = request.input_tokens;
  std::int64_t cached = 0;
  if (request.format == Format::anthropic_messages && request.writes_cache) {
    cached = all * 3 / 4;
    const TokenClass write =
        request.writes_cache_1h ? TokenClass::cache_write_1h : TokenClass::cache_write_5m;
    usage[request.has_history ? TokenClass::cached_input : write] = cached;
  } else if (!is_anthropic(request.format) && request.has_history && all >= kCacheLeastTokens) {
    cached = all * 3 / 4 / kCacheBlockTokens * kCacheBlockTokens;
    usage[TokenClass::cached_input] = cached;
  }
  usage[TokenClass::input] = all - cached;
}

}  // namespace

std::string SandboxReply::id(std::string_view prefix, std::uint64_t part) const {
  constexpr std::string_view kLetters = "0123456789abcdefghijklmnopqrstuvwxyz";
  std::string text(prefix);
  std::string source = std::to_string(seed) + "/" + std::to_string(moment.salt) + "/" +
                       std::to_string(moment.epoch_seconds) + "/" + std::to_string(part);
  while (text.size() < prefix.size() + 24) {
    std::uint64_t bits = digest_of(source);
    for (int i = 0; i < 12; ++i, bits /= kLetters.size()) {
      text.push_back(kLetters[bits % kLetters.size()]);
    }
    source += 'x';
  }
  return text;
}

SandboxReply make_sandbox_reply(SandboxRequest request, std::string_view body,
                                const SandboxMoment& moment) {
  SandboxReply reply;
  reply.moment = moment;
  reply.seed = digest_of(body);
  bill_input(request, reply.usage);
  if (request.format != Format::openai_embeddings) {
    for (std::int64_t i = 0; i < request.choices; ++i) {
      reply.choices.push_back(make_choice(request, reply.seed + static_cast<std::uint64_t>(i)));
      reply.usage[TokenClass::output] += reply.choices.back().output_tokens;
    }
  }
  reply.request = std::move(request);
  return reply;
}

SandboxPacer::SandboxPacer(const SandboxReply& reply, SandboxPlan& plan)
    : plan_(plan), seed_(reply.seed) {
  plan_.content_type = "text/event-stream; charset=utf-8";
  plan_.usage = reply.usage;
  plan_.delay_ms = 250 + static_cast<std::int64_t>(seed_ % 200);  // to the first token
}

void SandboxPacer::add(std::string_view event, std::string_view json) {
  std::string text;
  if (!event.empty()) text.append("event: ").append(event).append("\n");
  text.append("data: ").append(json).append("\n\n");
  add_text(std::move(text));
}

void SandboxPacer::add_token(std::string_view event, std::string_view json) {
  add(event, json);
  // 30 to 50 tokens a second.
  seed_ = seed_ * 6364136223846793005 + 1442695040888963407;
  plan_.frames.back().delay_ms = 20 + static_cast<std::int64_t>((seed_ >> 33) % 14);
}

}  // namespace purser::providers
