// Anthropic's usage: input_tokens leaves out what was read from or written to the cache; a stream
// reports it in message_start and again, cumulative, in message_delta.
#include <algorithm>

#include "usage_reading.h"

namespace purser::providers {
namespace dom = simdjson::dom;
using pricing::TokenClass;

namespace {

std::string_view text_in(const dom::object& parent, std::string_view name) {
  std::string_view found;
  if (parent.at_key(name).get_string().get(found) != simdjson::SUCCESS) return {};
  return found;
}

}  // namespace

void MessagesUsage::see(const dom::object& usage) {
  CountReader counts(suspicious_);
  for (const char* part : {"cache_creation", "output_tokens_details", "server_tool_use",
                           "iterations", "service_tier", "speed", "inference_geo"}) {
    if (stands_twice(usage, part)) {
      counts.complain(std::string(part) + " stands twice in one usage");
    }
  }
  see_input(usage, counts);
  if (const auto output = counts.read(usage, "output_tokens")) {
    if (output_ && *output < *output_) {
      counts.complain("a later usage counts less output than an earlier one");
    }
    output_ = output;
  }
  dom::object details;
  if (usage.at_key("output_tokens_details").get_object().get(details) == simdjson::SUCCESS) {
    reasoning_ = std::max(reasoning_, counts.read_or_zero(details, "thinking_tokens"));
  }
  see_server_tools(usage, counts);
  see_iterations(usage, counts);
  see_tier(usage);
}

void MessagesUsage::see_input(const dom::object& usage, CountReader& counts) {
  const auto plain = counts.read(usage, "input_tokens");
  const auto cache_read = counts.read(usage, "cache_read_input_tokens");
  const auto cache_write = counts.read(usage, "cache_creation_input_tokens");
  // A message_delta may say nothing of the input, or zeros (compatible servers).
  if (plain.value_or(0) + cache_read.value_or(0) + cache_write.value_or(0) == 0 && input_) return;
  if (!plain && !input_) return;

  const Input before = input_.value_or(Input{});
  Input now;
  now.plain = plain.value_or(before.plain);
  now.cache_read = cache_read.value_or(before.cache_read);
  now.cache_write = cache_write.value_or(before.cache_write);

  std::int64_t split_5m = before.cache_write - before.cache_write_1h;
  now.cache_write_1h = before.cache_write_1h;
  dom::object split;
  if (usage.at_key("cache_creation").get_object().get(split) == simdjson::SUCCESS) {
    split_5m = counts.read_or_zero(split, "ephemeral_5m_input_tokens");
    now.cache_write_1h = counts.read_or_zero(split, "ephemeral_1h_input_tokens");
    if (!cache_write) now.cache_write = split_5m + now.cache_write_1h;
    if (split_5m + now.cache_write_1h > now.cache_write) {
      counts.complain("a part of cache_creation_input_tokens is larger than the whole");
    }
  }
  // Writes that no split explains: the dearer kind where there is one at all, else five minutes.
  if (now.cache_write_1h > 0) now.cache_write_1h = now.cache_write - split_5m;
  if (now.cache_write_1h < 0 || now.cache_write_1h > now.cache_write) {
    now.cache_write_1h = now.cache_write;
  }
  if (now.total() < before.total()) {
    counts.complain("a later usage counts less input than an earlier one");
  }
  input_ = now;
}

void MessagesUsage::see_server_tools(const dom::object& usage, CountReader& counts) {
  dom::object tools;
  if (usage.at_key("server_tool_use").get_object().get(tools) != simdjson::SUCCESS) return;
  for (const auto [name, value] : tools) {
    const std::int64_t calls = counts.read_or_zero(tools, name);
    if (name == "web_search_requests") {
      web_searches_ = std::max(web_searches_, calls);
    } else if (calls > 0 && name != "web_fetch_requests" && name != "tool_search_requests") {
      // Fetching and searching among tools cost tokens only.
      counts.complain("usage counts " + std::string(name) + ", which has no price");
    }
  }
}

void MessagesUsage::see_iterations(const dom::object& usage, CountReader& counts) {
  dom::array iterations;
  if (usage.at_key("iterations").get_array().get(iterations) != simdjson::SUCCESS) return;
  Input input;
  std::int64_t output = 0;
  for (const dom::element element : iterations) {
    dom::object iteration;
    if (element.get_object().get(iteration) != simdjson::SUCCESS) continue;
    const std::string_view type = text_in(iteration, "type");
    if (type == "message") continue;  // inside the top-level counts
    MessagesUsage one;
    CountReader one_counts(suspicious_);
    one.see_input(iteration, one_counts);
    const std::int64_t one_output = one_counts.read_or_zero(iteration, "output_tokens");
    const Input one_input = one.input_.value_or(Input{});
    if (type != "compaction") {
      // An adviser's or a fallback's tokens are billed at another model's price.
      if (one_input.total() + one_output > 0) {
        counts.complain("usage has an iteration of type " + std::string(type) +
                        ", which has no price");
      }
      continue;
    }
    input.plain += one_input.plain;
    input.cache_read += one_input.cache_read;
    input.cache_write += one_input.cache_write;
    input.cache_write_1h += one_input.cache_write_1h;
    output += one_output;
    if (input.total() > kMaxPlausibleTokens || output > kMaxPlausibleTokens) {
      counts.complain("usage.iterations is not plausible");
      return;
    }
  }
  // Cumulative like the rest: the later list holds.
  if (input.total() + output >= compaction_input_.total() + compaction_output_) {
    compaction_input_ = input;
    compaction_output_ = output;
  }
}

void MessagesUsage::see_tier(const dom::object& usage) {
  const std::string_view tier = text_in(usage, "service_tier");
  if (!tier.empty()) service_tier_ = service_tier_name(tier);
  // Both pick a dearer price; an account's own setting can bring them about.
  const std::string_view speed = text_in(usage, "speed");
  if (!speed.empty() && speed != "standard") service_tier_ = "speed=" + std::string(speed);
  const std::string_view geo = text_in(usage, "inference_geo");
  if (!geo.empty() && geo != "global" && geo != "not_available") {
    service_tier_ = "inference_geo=" + std::string(geo);
  }
}

UsageReading MessagesUsage::reading() const {
  UsageReading reading;
  reading.suspicious = suspicious_;
  if (!suspicious_.empty()) return reading;
  if (!input_) {
    if (output_) reading.suspicious = "input_tokens is missing";
    return reading;
  }
  if (!output_) return reading;
  pricing::Usage usage;
  const auto add = [&usage](const Input& input) {
    usage[TokenClass::input] += input.plain;
    usage[TokenClass::cached_input] += input.cache_read;
    usage[TokenClass::cache_write_5m] += input.cache_write - input.cache_write_1h;
    usage[TokenClass::cache_write_1h] += input.cache_write_1h;
  };
  add(*input_);
  add(compaction_input_);
  usage[TokenClass::output] = *output_ + compaction_output_;
  usage[pricing::Fee::web_search] = web_searches_;
  usage.reasoning_tokens = std::min(reasoning_, usage[TokenClass::output]);
  usage.service_tier = service_tier_;
  reading.usage = usage;
  if (input_->total() + usage[TokenClass::output] == 0) {
    reading.usage.reset();
    reading.suspicious = "usage counts no token";
  }
  return reading;
}

}  // namespace purser::providers
