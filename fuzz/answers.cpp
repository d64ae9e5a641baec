// Answers and streams: no usage is negative or beyond reason; a stream is read in the same way
// wherever it was cut, and relayed to the byte.
#include <string>

#include "purser/providers/answer.h"
#include "targets.h"

namespace purser::fuzz {
using namespace providers;

namespace {

constexpr std::int64_t kBeyondReason = std::int64_t{1} << 40;

void check_usage(const AnswerSummary& summary) {
  if (!summary.usage) return;
  PURSER_HOLDS(summary.suspicious.empty());
  for (const std::int64_t count : summary.usage->tokens) {
    PURSER_HOLDS(count >= 0 && count < kBeyondReason);
  }
  for (const std::int64_t count : summary.usage->fee_calls) {
    PURSER_HOLDS(count >= 0 && count < kBeyondReason);
  }
}

void check_answer(Format format, std::string_view bytes) {
  check_usage(read_answer(format, bytes));
  if (const auto counted = read_counted_tokens(format, bytes)) PURSER_HOLDS(*counted >= 0);
}

struct Metered {
  AnswerSummary summary;
  std::string relayed;
};

Metered meter(Format format, bool hide, std::string_view bytes, std::size_t step) {
  StreamMeter meter(format, hide);
  Metered out;
  for (std::size_t at = 0; at < bytes.size(); at += step) {
    if (!meter.feed(bytes.substr(at, step), out.relayed)) break;
  }
  meter.finish(out.relayed);
  out.summary = meter.summary();
  return out;
}

bool alike(const AnswerSummary& a, const AnswerSummary& b) {
  const bool usages = a.usage.has_value() == b.usage.has_value() &&
                      (!a.usage || (a.usage->tokens == b.usage->tokens &&
                                    a.usage->service_tier == b.usage->service_tier));
  return usages && a.usage_is_final == b.usage_is_final && a.complete == b.complete &&
         a.provider_failed == b.provider_failed && a.any_output == b.any_output &&
         a.model == b.model && a.suspicious == b.suspicious && a.tool_calls == b.tool_calls;
}

void check_stream(Format format, std::string_view bytes) {
  for (const bool hide : {false, true}) {
    const Metered whole = meter(format, hide, bytes, bytes.size() + 1);
    check_usage(whole.summary);
    for (const std::size_t step : {1, 2, 3, 17}) {
      const Metered pieces = meter(format, hide, bytes, step);
      PURSER_HOLDS(alike(pieces.summary, whole.summary));
      PURSER_HOLDS(pieces.relayed == whole.relayed);
    }
    if (!hide) PURSER_HOLDS(whole.relayed == bytes);
  }
}

}  // namespace

void answer_chat(std::string_view bytes) { check_answer(Format::openai_chat, bytes); }
void answer_responses(std::string_view bytes) { check_answer(Format::openai_responses, bytes); }
void answer_embeddings(std::string_view bytes) { check_answer(Format::openai_embeddings, bytes); }
void answer_messages(std::string_view bytes) { check_answer(Format::anthropic_messages, bytes); }
void stream_chat(std::string_view bytes) { check_stream(Format::openai_chat, bytes); }
void stream_responses(std::string_view bytes) { check_stream(Format::openai_responses, bytes); }
void stream_messages(std::string_view bytes) { check_stream(Format::anthropic_messages, bytes); }

}  // namespace purser::fuzz
