// Reads the `usage` objects of the providers into Purser's token classes. Each function says what
// it takes and what it finds suspicious; sources in docs/METERING.md.
#pragma once

#include <simdjson.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "purser/pricing/usage.h"

namespace purser::providers {

// No provider has a context or an answer near this; a larger count is a fault.
inline constexpr std::int64_t kMaxPlausibleTokens = 1'000'000'000'000;

// The members of one JSON object that are counts. Remembers the first thing that was wrong.
// Of two equal keys one reader takes the first and another the last: neither can be believed.
bool stands_twice(const simdjson::dom::object& object, std::string_view name);

class CountReader {
 public:
  explicit CountReader(std::string& suspicious) : suspicious_(suspicious) {}
  // Absent or null: nothing. Negative, fractional, not a number, absurdly large, or there twice:
  // nothing, and suspicious.
  std::optional<std::int64_t> read(const simdjson::dom::object& object, std::string_view name);
  std::int64_t read_or_zero(const simdjson::dom::object& object, std::string_view name) {
    return read(object, name).value_or(0);
  }
  void complain(std::string reason) {
    if (suspicious_.empty()) suspicious_ = std::move(reason);
  }

 private:
  std::string& suspicious_;
};

// Either usage, or why it cannot be trusted.
struct UsageReading {
  std::optional<pricing::Usage> usage;
  std::string suspicious;
};

// Chat completions and embeddings: prompt_tokens, completion_tokens, …
UsageReading read_chat_usage(const simdjson::dom::object& usage, bool needs_output);
// Responses: input_tokens, output_tokens, … (fees are not in it)
UsageReading read_responses_usage(const simdjson::dom::object& usage);

// The standard tier under the names that providers give it is "".
std::string service_tier_name(std::string_view answered);

// The usages that one stream reports, each cumulative: the last one holds. One that takes back what
// an earlier one counted is suspicious; one of nothing but zeros says nothing.
class UsageTrack {
 public:
  void see(UsageReading reading);
  const std::optional<pricing::Usage>& usage() const { return usage_; }
  const std::string& suspicious() const { return suspicious_; }

 private:
  std::optional<pricing::Usage> usage_;
  std::string suspicious_;
  bool only_zeros_ = false;
};

// Anthropic's counts, gathered from message_start and the message_deltas, or from one JSON answer.
class MessagesUsage {
 public:
  void see(const simdjson::dom::object& usage);
  void distrust(std::string reason) { CountReader(suspicious_).complain(std::move(reason)); }
  UsageReading reading() const;

 private:
  struct Input {
    std::int64_t plain = 0;
    std::int64_t cache_read = 0;
    std::int64_t cache_write = 0;     // in all
    std::int64_t cache_write_1h = 0;  // of these
    std::int64_t total() const { return plain + cache_read + cache_write; }
  };
  void see_input(const simdjson::dom::object& usage, CountReader& counts);
  void see_server_tools(const simdjson::dom::object& usage, CountReader& counts);
  void see_iterations(const simdjson::dom::object& usage, CountReader& counts);
  void see_tier(const simdjson::dom::object& usage);

  std::optional<Input> input_;
  std::optional<std::int64_t> output_;
  std::int64_t reasoning_ = 0;
  Input compaction_input_;
  std::int64_t compaction_output_ = 0;
  std::int64_t web_searches_ = 0;
  std::string service_tier_;
  std::string suspicious_;
};

}  // namespace purser::providers
