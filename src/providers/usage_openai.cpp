// OpenAI's two usage objects. They differ in the names only; both count the cached, written and
// audio tokens inside their totals, where Purser's classes do not overlap.
#include <algorithm>

#include "usage_reading.h"

namespace purser::providers {
namespace dom = simdjson::dom;
using pricing::TokenClass;

namespace {

struct Names {
  std::string_view input;
  std::string_view input_details;
  std::string_view output;
  std::string_view output_details;
};
constexpr Names kChatNames{"prompt_tokens", "prompt_tokens_details", "completion_tokens",
                           "completion_tokens_details"};
constexpr Names kResponsesNames{"input_tokens", "input_tokens_details", "output_tokens",
                                "output_tokens_details"};

struct Counts {
  std::int64_t input = 0;
  std::int64_t cached = 0;
  std::int64_t cache_write = 0;
  std::int64_t input_audio = 0;
  std::int64_t output = 0;
  std::int64_t output_audio = 0;
  std::int64_t reasoning = 0;
};

std::optional<dom::object> object_in(const dom::object& parent, std::string_view name) {
  dom::object found;
  if (parent.at_key(name).get_object().get(found) != simdjson::SUCCESS) return std::nullopt;
  return found;
}

void read_cached(const dom::object& usage, const std::optional<dom::object>& details,
                 CountReader& counts, Counts& out) {
  std::optional<std::int64_t> cached;
  if (details) cached = counts.read(*details, "cached_tokens");
  // DeepSeek and Moonshot have counted these outside the details.
  if (!cached) cached = counts.read(usage, "prompt_cache_hit_tokens");
  if (!cached) cached = counts.read(usage, "cached_tokens");
  out.cached = cached.value_or(0);
  if (!details) return;
  out.cache_write = counts.read_or_zero(*details, "cache_write_tokens");
  out.input_audio = counts.read_or_zero(*details, "audio_tokens");
}

// Some servers leave hidden reasoning out of the output count, and it is billed as output (xAI and
// Gemini's OpenAI endpoint: total = prompt + completion + reasoning). What a total has above both
// counts is output; without a total, reasoning above the output count is not inside it.
void add_uncounted_output(std::optional<std::int64_t> total, Counts& out) {
  if (total) {
    out.output += std::max<std::int64_t>(0, *total - out.input - out.output);
  } else if (out.reasoning > out.output) {
    out.output += out.reasoning;
  }
}

pricing::Usage classes_of(const Counts& counts) {
  pricing::Usage usage;
  // How many of the cached tokens were audio is not said: text first, which counts no less than the
  // truth while audio's discount is the larger one.
  const std::int64_t text = counts.input - counts.input_audio - counts.cache_write;
  const std::int64_t cached_text = std::min(counts.cached, text);
  const std::int64_t cached_audio = counts.cached - cached_text;
  usage[TokenClass::input] = text - cached_text;
  usage[TokenClass::cached_input] = cached_text;
  // OpenAI's writes live for 30 minutes at one price; the book files it in this class.
  usage[TokenClass::cache_write_5m] = counts.cache_write;
  usage[TokenClass::input_audio] = counts.input_audio - cached_audio;
  usage[TokenClass::cached_input_audio] = cached_audio;
  usage[TokenClass::output] = counts.output - counts.output_audio;
  usage[TokenClass::output_audio] = counts.output_audio;
  usage.reasoning_tokens = std::min(counts.reasoning, counts.output);
  return usage;
}

// Billed by the call in ways the book has no price for; a count above zero is not ours to price.
constexpr std::string_view kUnpricedCounts[] = {"num_sources_used", "num_search_queries",
                                                "num_server_side_tools_used"};

UsageReading read_usage(const dom::object& usage, const Names& names, bool needs_output) {
  UsageReading reading;
  CountReader counts(reading.suspicious);
  Counts out;

  const auto input = counts.read(usage, names.input);
  const auto output = counts.read(usage, names.output);
  if (!input) counts.complain(std::string(names.input) + " is missing");
  if (!output && needs_output) counts.complain(std::string(names.output) + " is missing");
  out.input = input.value_or(0);
  out.output = output.value_or(0);

  for (const std::string_view part : {names.input_details, names.output_details}) {
    if (stands_twice(usage, part)) {
      counts.complain(std::string(part) + " stands twice in one usage");
    }
  }
  read_cached(usage, object_in(usage, names.input_details), counts, out);
  if (const auto details = object_in(usage, names.output_details)) {
    out.reasoning = counts.read_or_zero(*details, "reasoning_tokens");
    out.output_audio = counts.read_or_zero(*details, "audio_tokens");
  }
  for (const std::string_view name : kUnpricedCounts) {
    if (counts.read_or_zero(usage, name) > 0) {
      counts.complain("usage counts " + std::string(name) + ", which has no price");
    }
  }
  add_uncounted_output(counts.read(usage, "total_tokens"), out);

  if (out.cached + out.cache_write > out.input || out.input_audio + out.cache_write > out.input) {
    counts.complain("a part of " + std::string(names.input) + " is larger than the whole");
  }
  if (out.output_audio > out.output) {
    counts.complain("a part of " + std::string(names.output) + " is larger than the whole");
  }
  if (reading.suspicious.empty()) reading.usage = classes_of(out);
  return reading;
}

}  // namespace

UsageReading read_chat_usage(const dom::object& usage, bool needs_output) {
  return read_usage(usage, kChatNames, needs_output);
}

UsageReading read_responses_usage(const dom::object& usage) {
  return read_usage(usage, kResponsesNames, true);
}

}  // namespace purser::providers
