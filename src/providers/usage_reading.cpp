#include "usage_reading.h"

#include <cmath>
#include <utility>

namespace purser::providers {
namespace dom = simdjson::dom;

namespace {

std::int64_t output_of(const pricing::Usage& usage) {
  return usage[pricing::TokenClass::output] + usage[pricing::TokenClass::output_audio];
}

std::int64_t input_of(const pricing::Usage& usage) {
  std::int64_t all = 0;
  for (const std::int64_t count : usage.tokens) all += count;
  return all - output_of(usage);
}

}  // namespace

bool stands_twice(const dom::object& object, std::string_view name) {
  bool seen = false;
  for (const auto field : object) {
    if (field.key != name) continue;
    if (seen) return true;
    seen = true;
  }
  return false;
}

std::optional<std::int64_t> CountReader::read(const dom::object& object, std::string_view name) {
  std::optional<std::int64_t> found;
  bool seen = false;
  for (const auto [key, value] : object) {
    if (key != name) continue;
    if (seen) {
      complain(std::string(name) + " stands twice in one usage");
      return std::nullopt;
    }
    seen = true;
    if (value.is_null()) continue;
    std::int64_t count = 0;
    double number = 0;
    if (value.get_int64().get(count) != simdjson::SUCCESS) {
      // 12.0 is how some servers write 12. A double holds integers exactly far beyond the bound.
      const bool whole = value.is_double() && value.get_double().get(number) == simdjson::SUCCESS &&
                         std::fabs(number) <= static_cast<double>(kMaxPlausibleTokens) &&
                         std::trunc(number) == number;
      if (!whole) {
        complain(std::string(name) + " is not a plausible count");
        return std::nullopt;
      }
      count = static_cast<std::int64_t>(number);
    }
    if (count < 0 || count > kMaxPlausibleTokens) {
      complain(std::string(name) + " is not a plausible count");
      return std::nullopt;
    }
    found = count;
  }
  return found;
}

std::string service_tier_name(std::string_view answered) {
  // OpenAI "default", Anthropic "standard", Groq "on_demand"; "auto" is the echo of servers that
  // have no tiers (vLLM): OpenAI itself answers with the tier that was used.
  if (answered == "default" || answered == "standard" || answered == "on_demand" ||
      answered == "auto") {
    return {};
  }
  return std::string(answered);
}

void UsageTrack::see(UsageReading reading) {
  if (!suspicious_.empty() && !only_zeros_) return;
  if (!reading.usage) {
    usage_.reset();
    only_zeros_ = false;
    suspicious_ = std::move(reading.suspicious);
    return;
  }
  if (input_of(*reading.usage) + output_of(*reading.usage) == 0) {
    if (!usage_) {
      suspicious_ = "usage counts no token";
      only_zeros_ = true;
    }
    return;
  }
  if (only_zeros_) {
    only_zeros_ = false;
    suspicious_.clear();
  }
  if (usage_ && (input_of(*reading.usage) < input_of(*usage_) ||
                 output_of(*reading.usage) < output_of(*usage_))) {
    usage_.reset();
    suspicious_ = "a later usage counts less than an earlier one";
    return;
  }
  usage_ = std::move(reading.usage);
}

}  // namespace purser::providers
