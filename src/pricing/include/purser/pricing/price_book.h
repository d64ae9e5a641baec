// The price book: which model costs what, from when. Made from data/prices.json (see
// docs/PRICES.md for its schema and sources) and overrides for negotiated rates.
// Immutable once made, thread-safe to read; share it by std::shared_ptr<const PriceBook>.
//
// A name means the model that the book lists it for, else one whose release it is ("…-20260901",
// "…-latest"); never a model that merely begins alike, whose price could be too low. Names are
// compared in lower case; the order stands in docs/PRICES.md.
//
//   Result<PriceBook> book = PriceBook::parse(json_text);
//   Result<Price> price = book->find("openai", "gpt-5-mini-2025-08-07", now);
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "purser/base/env.h"
#include "purser/base/result.h"
#include "purser/pricing/price.h"

namespace purser::pricing {

// A negotiated price: replaces the rates it names for one model, from an instant on; of several in
// force the latest alone. On a model's own name it holds for all its names, on another name for
// that one. It also prices a model that the book lacks. Long-context tiers keep the book's rates,
// but are never cheaper than what it says. Rates are at least zero; the caller sees to that.
struct PriceOverride {
  std::string provider;
  std::string model;
  std::string version;  // its id in the store
  Instant from;
  Rates rates;  // absent ones keep the book's
  std::optional<std::int64_t> context_window_tokens;
  std::optional<std::int64_t> max_output_tokens;
};

class PriceBook {
 public:
  // Errors: `bad_price_book`, with the place in the file.
  static Result<PriceBook> parse(std::string_view json);
  PriceBook(PriceBook&&) noexcept;
  PriceBook& operator=(PriceBook&&) noexcept;
  ~PriceBook();

  // In place of the overrides that this book has.
  PriceBook with_overrides(std::vector<PriceOverride> overrides) const;

  // The price in force at `at`. Errors: `no_price` (with the command that sets one). Its `version`
  // is the book's, and "+" with an override's where one applies.
  // A price found may still lack limits: see Price::context_window_tokens.
  Result<Price> find(std::string_view provider, std::string_view model, Instant at) const;

  // Which providers know a model of this name; for routing by name. Exact and pattern matches.
  std::vector<std::string> providers_of(std::string_view model) const;

  struct Entry {
    Price price;
    Instant from;
  };
  std::vector<Entry> list(Instant at) const;  // everything in force, sorted by id
  std::string version() const;                // the book's date

 private:
  struct Data;
  explicit PriceBook(std::shared_ptr<const Data> data);
  std::shared_ptr<const Data> data_;
};

}  // namespace purser::pricing
