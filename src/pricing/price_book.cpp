#include "purser/pricing/price_book.h"

#include <algorithm>
#include <utility>

#include "book_data.h"
#include "purser/base/check.h"

namespace purser::pricing {

struct PriceBook::Data {
  std::shared_ptr<const Book> book;
  // By "provider/model" in lower case, ascending by `from`.
  std::map<std::string, std::vector<PriceOverride>, std::less<>> overrides;
};

namespace {

using Overrides = std::map<std::string, std::vector<PriceOverride>, std::less<>>;

std::string key_of(std::string_view provider, std::string_view model) {
  return lower_case(provider) + "/" + lower_case(model);
}

// The latest override of this name in force, or null.
const PriceOverride* override_at(const Overrides& overrides, const std::string& key, Instant at) {
  const auto found = overrides.find(key);
  if (found == overrides.end()) return nullptr;
  const PriceOverride* latest = nullptr;
  for (const PriceOverride& candidate : found->second)
    if (candidate.from <= at) latest = &candidate;
  return latest;
}

Price price_of(const Book& book, const BookModel& model, Instant at) {
  const Period& period = period_at(model, at);
  return Price{.provider = model.provider,
               .model = model.model,
               .id = model.id,
               .version = book.version,
               .rates = period.rates,
               .long_context = period.long_context,
               .service_tiers = period.service_tiers,
               .automatic_cache_writes = model.automatic_cache_writes,
               .context_window_tokens = model.context_window_tokens,
               .max_output_tokens = model.max_output_tokens};
}

void apply(const PriceOverride& change, Price& price) {
  const auto replace = [](const std::optional<PicoUsd>& by, std::optional<PicoUsd>& rate) {
    if (by) rate = by;
  };
  // A negotiated rate says nothing of long input. There the book's rate stands, unless that would
  // make long input cheaper than short.
  const auto raise = [](const std::optional<PicoUsd>& by, std::optional<PicoUsd>& rate) {
    if (by && (!rate || *rate < *by)) rate = by;
  };
  const auto each = [&change](Rates& rates, const auto& how) {
    for (std::size_t i = 0; i < kTokenClassCount; ++i) how(change.rates.token[i], rates.token[i]);
    for (std::size_t i = 0; i < kFeeCount; ++i) how(change.rates.fee[i], rates.fee[i]);
    how(change.rates.request, rates.request);
  };
  each(price.rates, replace);
  for (LongContextTier& tier : price.long_context) each(tier.rates, raise);
  if (change.context_window_tokens) price.context_window_tokens = change.context_window_tokens;
  if (change.max_output_tokens) price.max_output_tokens = change.max_output_tokens;
  price.version += (price.version.empty() ? "" : "+") + change.version;
}

// The model named as the command line takes it; a client's odd bytes never reach a line that an
// admin may copy.
std::string name_for_command(std::string_view provider, std::string_view model) {
  const std::string name = std::string(provider) + "/" + std::string(model);
  const bool plain = name.size() <= 200 && std::all_of(name.begin(), name.end(), [](char c) {
                       return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                              (c >= '0' && c <= '9') ||
                              std::string_view("-._/:@+").find(c) != std::string_view::npos;
                     });
  return plain ? name : "PROVIDER/MODEL";
}

Error no_price(std::string_view provider, std::string_view model) {
  const std::string name = name_for_command(provider, model);
  return Error{"no_price",
               "No price is known for " + name +
                   ", so its cost cannot be bounded. Set one with: purser prices set " + name +
                   " --input USD_PER_MILLION_TOKENS --output USD_PER_MILLION_TOKENS",
               Side::client};
}

}  // namespace

PriceBook::PriceBook(std::shared_ptr<const Data> data) : data_(std::move(data)) {}
PriceBook::PriceBook(PriceBook&&) noexcept = default;
PriceBook& PriceBook::operator=(PriceBook&&) noexcept = default;
PriceBook::~PriceBook() = default;

Result<PriceBook> PriceBook::parse(std::string_view json) {
  Result<Book> book = read_book(json);
  if (!book) return book.error();
  return PriceBook(
      std::make_shared<const Data>(Data{std::make_shared<const Book>(std::move(*book)), {}}));
}

PriceBook PriceBook::with_overrides(std::vector<PriceOverride> overrides) const {
  std::stable_sort(overrides.begin(), overrides.end(),
                   [](const auto& a, const auto& b) { return a.from < b.from; });
  Data data{data_->book, {}};
  for (PriceOverride& change : overrides)
    data.overrides[key_of(change.provider, change.model)].push_back(std::move(change));
  return PriceBook(std::make_shared<const Data>(std::move(data)));
}

Result<Price> PriceBook::find(std::string_view provider, std::string_view model, Instant at) const {
  if (model.empty() || model.size() > kMaxModelNameBytes) return no_price(provider, model);
  std::optional<Price> price;
  const std::string asked = key_of(provider, model);
  std::string own;
  if (const auto names = data_->book->names.find(lower_case(provider));
      names != data_->book->names.end()) {
    if (const auto found = names->second.find(model)) {
      const BookModel& entry = data_->book->models[*found];
      price = price_of(*data_->book, entry, at);
      own = key_of(entry.provider, entry.model);
      if (const PriceOverride* change = override_at(data_->overrides, own, at))
        apply(*change, *price);
    }
  }
  if (own == asked) return *std::move(price);
  if (const PriceOverride* change = override_at(data_->overrides, asked, at)) {
    if (!price) {
      price.emplace();
      price->provider = change->provider;
      price->model = change->model;
      price->id = change->provider + "/" + change->model;
    }
    apply(*change, *price);
  }
  if (!price) return no_price(provider, model);
  return *std::move(price);
}

std::vector<std::string> PriceBook::providers_of(std::string_view model) const {
  std::vector<std::string> providers;
  if (model.empty() || model.size() > kMaxModelNameBytes) return providers;
  for (const auto& [provider, names] : data_->book->names)
    if (names.find(model)) providers.push_back(provider);
  const std::string lower = lower_case(model);
  for (const auto& [key, changes] : data_->overrides)
    if (key == key_of(changes.front().provider, lower))
      providers.push_back(lower_case(changes.front().provider));
  std::sort(providers.begin(), providers.end());
  providers.erase(std::unique(providers.begin(), providers.end()), providers.end());
  return providers;
}

std::vector<PriceBook::Entry> PriceBook::list(Instant at) const {
  std::vector<Entry> entries;
  const auto add = [&](std::string_view provider, std::string_view model, Instant from) {
    Result<Price> price = find(provider, model, at);
    if (price) entries.push_back({std::move(*price), from});
    return price.ok();
  };
  for (const BookModel& model : data_->book->models) {
    const PriceOverride* change =
        override_at(data_->overrides, key_of(model.provider, model.model), at);
    const Instant from = period_at(model, at).from;
    add(model.provider, model.model, change ? std::max(from, change->from) : from);
  }
  for (const auto& [key, changes] : data_->overrides) {
    const PriceOverride* change = override_at(data_->overrides, key, at);
    if (change == nullptr) continue;
    const auto names = data_->book->names.find(lower_case(change->provider));
    // An override of a book's model is in the list already; one of another of its names is not.
    if (names != data_->book->names.end()) {
      const auto found = names->second.find(change->model);
      if (found && key == key_of(change->provider, data_->book->models[*found].model)) continue;
    }
    if (add(change->provider, change->model, change->from)) {
      entries.back().price.model = change->model;
      entries.back().price.id = change->provider + "/" + change->model;
    }
  }
  std::sort(entries.begin(), entries.end(),
            [](const Entry& a, const Entry& b) { return a.price.id < b.price.id; });
  return entries;
}

std::string PriceBook::version() const { return data_->book->version; }

}  // namespace purser::pricing
