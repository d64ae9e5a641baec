#include "verify_costs.h"

#include <algorithm>
#include <map>
#include <optional>

#include "purser/api/price_overrides.h"
#include "purser/pricing/price.h"
#include "purser/store/read_ledger.h"
#include "purser/store/records.h"

namespace purser::main {
namespace {

using pricing::PriceBook;
using pricing::PriceOverride;

constexpr std::size_t kMostProblems = 1000;
// A provider that claims more is not believed, and the usage is booked at less (store/settle.cpp).
constexpr Nanos kLargestBelieved{1'000'000 * kNanosPerUsd};
constexpr std::uint32_t kNotMetered =
    store::kEstimated | store::kUnconfirmed | store::kReleased | store::kUnpriced;

// In the order of pricing::TokenClass.
constexpr const char* kUsages =
    "SELECT u.request, u.reserved_at, u.price_id, u.price_version, u.cost_nanos, u.flags, "
    "u.service_tier, u.web_searches, EXISTS (SELECT 1 FROM adjustments a WHERE a.workspace = "
    "u.workspace AND a.request = u.request), u.input_tokens, u.cached_input_tokens, "
    "u.cache_write_5m_tokens, u.cache_write_1h_tokens, u.output_tokens, u.input_audio_tokens, "
    "u.cached_input_audio_tokens, u.output_audio_tokens FROM usages u ORDER BY u.sequence";

// Prices as they were, of negotiated ones those that have ended too.
class PastPrices {
 public:
  PastPrices(const PriceBook& book, std::vector<PriceOverride> overrides)
      : book_(book), overrides_(std::move(overrides)) {}

  std::optional<pricing::Price> find(std::string_view price_id, const std::string& version,
                                     Instant at) {
    const auto slash = price_id.find('/');
    if (slash == std::string_view::npos) return std::nullopt;
    const auto price =
        book_of(version).find(price_id.substr(0, slash), price_id.substr(slash + 1), at);
    if (!price || price->version != version) return std::nullopt;
    return *price;
  }

 private:
  // The version ends with the override's id where one applied; of a model that the book itself has
  // no price for, it is that id.
  const PriceBook& book_of(const std::string& version) {
    const auto known = books_.find(version);
    if (known != books_.end()) return known->second;
    std::vector<PriceOverride> applied;
    for (const PriceOverride& each : overrides_)
      if (version == each.version || version.ends_with("+" + each.version)) applied.push_back(each);
    return books_.emplace(version, book_.with_overrides(std::move(applied))).first->second;
  }

  const PriceBook& book_;
  const std::vector<PriceOverride> overrides_;
  std::map<std::string, PriceBook> books_;
};

pricing::Usage usage_of(const store::Row& row) {
  pricing::Usage usage;
  usage.service_tier = row.text(6);
  usage[pricing::Fee::web_search] = row.integer(7);
  for (std::size_t i = 0; i < pricing::kTokenClassCount; ++i)
    usage.tokens[i] = row.integer(9 + static_cast<int>(i));
  return usage;
}

void check(const store::Row& row, PastPrices& prices, CostReport& report) {
  const bool corrected = row.boolean(8);
  if (corrected || (static_cast<std::uint32_t>(row.integer(5)) & kNotMetered) != 0) {
    ++report.not_metered;
    return;
  }
  const std::string version(row.text(3));
  const auto price = prices.find(row.text(2), version, row.instant(1));
  if (!price) {
    ++report.price_gone;
    return;
  }
  const Result<Nanos> cost = pricing::cost(*price, usage_of(row));
  if (cost && *cost > kLargestBelieved) {
    ++report.not_metered;
    return;
  }
  ++report.checked;
  if (cost && *cost == row.nanos(4)) return;
  if (report.problems.size() >= kMostProblems) return;
  report.problems.push_back(
      "Usage " + to_text("req", row.id(0)) + " is booked at USD " + format_usd(row.nanos(4)) +
      ", but its counts at the price of " + std::string(row.text(2)) + " (" + version + ") make " +
      (cost ? "USD " + format_usd(*cost) : "no cost: " + cost.error().message) + ".");
}

}  // namespace

Result<CostReport> verify_costs(const std::string& directory_or_file, const PriceBook& book) {
  CostReport report;
  const auto read = store::read_ledger(directory_or_file, [&](store::Sql& sql) {
    PastPrices prices(book, api::read_all_price_overrides(sql));
    sql.each(kUsages, {}, [&](const store::Row& row) { check(row, prices, report); });
  });
  if (!read) return read.error();
  return report;
}

}  // namespace purser::main
