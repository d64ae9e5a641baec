// What a provider says one request consumed, in Purser's own classes. The classes do not overlap:
// every billed token is counted in exactly one of them (OpenAI's cached tokens are a subset of its
// prompt tokens and Anthropic's are not; `providers/` evens that out before a Usage is made).
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace purser::pricing {

enum class TokenClass : std::uint8_t {
  input,           // read at the full rate
  cached_input,    // read from the provider's prompt cache
  cache_write_5m,  // written to the cache for five minutes
  cache_write_1h,  // written to the cache for one hour
  output,          // all output, reasoning among it
  input_audio,
  cached_input_audio,
  output_audio,
};
inline constexpr std::size_t kTokenClassCount = 8;
std::string_view name(TokenClass token_class);  // "input", "cached_input", …

// Fees by the call, not by the token.
enum class Fee : std::uint8_t { web_search };
inline constexpr std::size_t kFeeCount = 1;
std::string_view name(Fee fee);

struct Usage {
  std::array<std::int64_t, kTokenClassCount> tokens{};
  std::array<std::int64_t, kFeeCount> fee_calls{};
  std::int64_t reasoning_tokens = 0;  // informational: already inside `output`
  std::string service_tier;           // as the answer says; empty: the standard one

  std::int64_t& operator[](TokenClass c) { return tokens[static_cast<std::size_t>(c)]; }
  std::int64_t operator[](TokenClass c) const { return tokens[static_cast<std::size_t>(c)]; }
  std::int64_t& operator[](Fee f) { return fee_calls[static_cast<std::size_t>(f)]; }
  std::int64_t operator[](Fee f) const { return fee_calls[static_cast<std::size_t>(f)]; }
  bool operator==(const Usage&) const = default;

  // All that was read, cached or not: what a long-context threshold is compared with.
  std::int64_t all_input_tokens() const;
};

}  // namespace purser::pricing
