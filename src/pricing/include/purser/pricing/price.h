// One model's price, as valid at one instant, and what a usage costs and a request can cost by it.
//
// A rate that is absent is not free: `cost` refuses a usage that has tokens of such a class
// (`unpriced_usage`), and the caller settles at the hold. A rate of zero is free. One exception:
// cached input without a rate of its own costs what input costs, since no provider charges more for
// a cached token than for a fresh one.
//
//   Result<Nanos> most = bound(price, {.input_tokens = 1200, .output_tokens = 500});
//   Result<Nanos> billed = cost(price, usage);   // at most *most, where usage kept to the shape
//
// Everything here is a value; thread-safe. Schema and sources of the rates: docs/PRICES.md.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "purser/base/money.h"
#include "purser/base/result.h"
#include "purser/pricing/usage.h"

namespace purser::pricing {

struct Rates {
  std::array<std::optional<PicoUsd>, kTokenClassCount> token;  // pico-USD a token
  std::array<std::optional<PicoUsd>, kFeeCount> fee;           // pico-USD a call
  std::optional<PicoUsd> request;                              // pico-USD a request
  const std::optional<PicoUsd>& operator[](TokenClass c) const {
    return token[static_cast<std::size_t>(c)];
  }
  std::optional<PicoUsd>& operator[](TokenClass c) { return token[static_cast<std::size_t>(c)]; }
  bool operator==(const Rates&) const = default;
};

// Above `input_tokens_over` tokens of input, these rates hold for the whole request.
struct LongContextTier {
  std::int64_t input_tokens_over = 0;
  Rates rates;
  bool operator==(const LongContextTier&) const = default;
};

struct Price {
  std::string provider;  // "openai"
  std::string model;     // the book's own name: "gpt-5-mini"
  std::string id;        // "openai/gpt-5-mini"
  std::string
      version;  // changes with any change to this price: the book's date or an override's id
  Rates rates;
  std::vector<LongContextTier> long_context;   // ascending
  std::map<std::string, Rates> service_tiers;  // other tiers of the answer, where the book has them
  // The provider writes its cache without being asked to, and bills such tokens at `cache_write_5m`
  // (OpenAI from GPT-5.6 on): every request's bound takes that rate.
  bool automatic_cache_writes = false;
  std::optional<std::int64_t> context_window_tokens;
  std::optional<std::int64_t> max_output_tokens;
  // There are token rates, and every rate present is zero.
  bool is_free() const;
};

// The exact cost, rounded up once; saturates at kMaxAmount. Errors: `unpriced_usage` names the
// class or the service tier. The standard tier goes by "", "default", "standard", "standard_only",
// "on_demand" (Groq's word) and "auto" (an answer that does not say more; Purser never asks for
// it).
Result<Nanos> cost(const Price& price, const Usage& usage);

// What a request can reach at most; filled by `providers/` from the request's shape.
struct BoundShape {
  std::int64_t input_tokens = 0;    // at most
  std::int64_t output_tokens = 0;   // at most, for one choice
  std::int64_t choices = 1;         // `n`
  bool may_write_cache_5m = false;  // the request can cause such writes
  bool may_write_cache_1h = false;
  bool has_audio_input = false;
  bool has_audio_output = false;
  std::array<std::int64_t, kFeeCount> fee_calls{};  // at most
};

// At the dearest rate that this request can reach: input at the dearest of the classes it may fall
// in, the long-context tier only where `input_tokens` crosses it. Rounded up; saturates at
// kMaxAmount. It is tight: some usage within the shape costs exactly this much. Error `no_price`
// where a rate that it needs is absent.
Result<Nanos> bound(const Price& price, const BoundShape& shape);

// The most output tokens (of one choice) whose bound is at most `amount`, or -1 if not even zero
// fits; the largest int64 where output costs nothing. `shape.output_tokens` is not read.
std::int64_t output_tokens_that_fit(const Price& price, const BoundShape& shape, Nanos amount);

}  // namespace purser::pricing
