#include <simdjson.h>

#include <algorithm>
#include <set>
#include <utility>

#include "book_data.h"

namespace purser::pricing {
namespace {

namespace dom = simdjson::dom;

// Bounds on what a book may hold; far above what the file in data/ needs.
constexpr std::size_t kMaxBookBytes = 32 * 1024 * 1024;
constexpr std::size_t kMaxModels = 20'000;
constexpr std::size_t kMaxNames = 500;   // of one model
constexpr std::size_t kMaxPeriods = 64;  // of one model
constexpr std::size_t kMaxTiers = 16;    // of one period
constexpr std::int64_t kSchema = 1;
constexpr std::int64_t kMaxRate = 1'000'000'000'000'000;  // USD 1,000 a token or call
constexpr std::int64_t kMaxTokens = 1'000'000'000;

// Each reader below returns false after it has noted the first fault, with its place.
class BookReader {
 public:
  bool read(dom::element root);
  Book take_book() { return std::move(book_); }
  const std::string& fault() const { return fault_; }

 private:
  bool fail(const std::string& place, const std::string& why) {
    if (fault_.empty()) fault_ = place + ": " + why;
    return false;
  }
  // Calls `field(key, value)` for each; unknown keys are for `field` to refuse.
  template <typename Field>
  bool each_field(dom::element element, const std::string& place, Field field) {
    dom::object object;
    if (element.get(object) != simdjson::SUCCESS) return fail(place, "an object is expected");
    std::set<std::string_view> seen;
    for (const auto [key, value] : object) {
      const std::string at = place.empty() ? std::string(key) : place + "." + std::string(key);
      if (!seen.insert(key).second) return fail(at, "this key stands here twice");
      if (!field(key, value, at)) return false;
    }
    return true;
  }
  template <typename Item>
  bool each_item(dom::element element, const std::string& place, std::size_t max, Item item) {
    dom::array array;
    if (element.get(array) != simdjson::SUCCESS) return fail(place, "an array is expected");
    std::size_t i = 0;
    for (const dom::element value : array) {
      const std::string at = place + "[" + std::to_string(i) + "]";
      if (i++ >= max) return fail(at, "at most " + std::to_string(max) + " are allowed");
      if (!item(value, at)) return false;
    }
    return true;
  }
  bool unknown(const std::string& place) { return fail(place, "this key is unknown"); }
  bool read_text(dom::element element, const std::string& place, std::string& out);
  bool read_count(dom::element element, const std::string& place, std::int64_t min,
                  std::int64_t max, std::int64_t& out);
  bool read_date(dom::element element, const std::string& place, Instant& out);
  bool read_window(dom::element element, const std::string& place, DailyWindow& out);
  bool read_rates(dom::element element, const std::string& place, Rates& out);
  bool read_tiers(dom::element element, const std::string& place,
                  std::vector<LongContextTier>& out);
  bool read_service_tiers(dom::element element, const std::string& place,
                          std::map<std::string, Rates>& out);
  bool read_period(dom::element element, const std::string& place, Period& out);
  bool read_model(dom::element element, const std::string& place);
  bool read_names(dom::element element, const std::string& place, std::vector<std::string>& out);
  bool index_names();

  struct Names {
    std::vector<std::string> exact, dated, variants, open;
    std::string place;
  };

  Book book_;
  std::map<std::string, Names> names_;  // by model id
  std::string fault_;
};

bool BookReader::read_text(dom::element element, const std::string& place, std::string& out) {
  std::string_view text;
  if (element.get(text) != simdjson::SUCCESS) return fail(place, "a text is expected");
  if (text.empty() || text.size() > kMaxModelNameBytes)
    return fail(place, "between 1 and 256 bytes are allowed");
  out = text;
  return true;
}

bool BookReader::read_count(dom::element element, const std::string& place, std::int64_t min,
                            std::int64_t max, std::int64_t& out) {
  if (element.type() != dom::element_type::INT64)
    return fail(place, "a whole number of at most " + std::to_string(max) + " is expected");
  out = std::int64_t(element);
  if (out < min || out > max)
    return fail(place, "must lie between " + std::to_string(min) + " and " + std::to_string(max));
  return true;
}

// `shape` as in "0000-00-00": 0 for any digit.
bool has_shape(std::string_view text, std::string_view shape) {
  return std::equal(text.begin(), text.end(), shape.begin(), shape.end(),
                    [](char c, char s) { return s == '0' ? c >= '0' && c <= '9' : c == s; });
}

int digits(std::string_view text, std::size_t at, std::size_t count) {
  int value = 0;
  for (std::size_t i = at; i < at + count; ++i) value = value * 10 + (text[i] - '0');
  return value;
}

bool BookReader::read_date(dom::element element, const std::string& place, Instant& out) {
  std::string text;
  if (!read_text(element, place, text)) return false;
  if (!has_shape(text, "0000-00-00")) return fail(place, "a date like 2026-11-23 is expected");
  const std::chrono::year_month_day date{std::chrono::year{digits(text, 0, 4)},
                                         std::chrono::month(digits(text, 5, 2)),
                                         std::chrono::day(digits(text, 8, 2))};
  if (!date.ok() || date.year() < std::chrono::year{1970} || date.year() > std::chrono::year{2200})
    return fail(place, "there is no such day between 1970 and 2200");
  out = std::chrono::sys_days{date};
  return true;
}

bool BookReader::read_window(dom::element element, const std::string& place, DailyWindow& out) {
  const auto read_time = [&](dom::element value, const std::string& at, Duration& time) {
    std::string text;
    if (!read_text(value, at, text)) return false;
    if (!has_shape(text, "00:00:00") || digits(text, 0, 2) > 23 || digits(text, 3, 2) > 59 ||
        digits(text, 6, 2) > 59)
      return fail(at, "a time of day in UTC like 16:30:00 is expected");
    time = std::chrono::hours{digits(text, 0, 2)} + std::chrono::minutes{digits(text, 3, 2)} +
           std::chrono::seconds{digits(text, 6, 2)};
    return true;
  };
  bool has_start = false;
  bool has_end = false;
  const bool read =
      each_field(element, place, [&](std::string_view key, dom::element value, const auto& at) {
        if (key == "start") return has_start = read_time(value, at, out.start);
        if (key == "end") return has_end = read_time(value, at, out.end);
        return unknown(at);
      });
  if (!read) return false;
  if (!has_start || !has_end || out.start == out.end)
    return fail(place, "a start and an end that differ are expected");
  return true;
}

bool BookReader::read_rates(dom::element element, const std::string& place, Rates& out) {
  return each_field(element, place, [&](std::string_view key, dom::element value, const auto& at) {
    std::optional<PicoUsd>* rate = nullptr;
    for (std::size_t i = 0; i < kTokenClassCount; ++i)
      if (key == name(static_cast<TokenClass>(i))) rate = &out.token[i];
    for (std::size_t i = 0; i < kFeeCount; ++i)
      if (key == name(static_cast<Fee>(i))) rate = &out.fee[i];
    if (key == "request") rate = &out.request;
    if (rate == nullptr) return unknown(at);
    return read_count(value, at, 0, kMaxRate, rate->emplace().count);
  });
}

bool BookReader::read_tiers(dom::element element, const std::string& place,
                            std::vector<LongContextTier>& out) {
  return each_item(element, place, kMaxTiers, [&](dom::element item, const std::string& at) {
    LongContextTier tier;
    bool has_rates = false;
    tier.input_tokens_over = -1;
    const bool read =
        each_field(item, at, [&](std::string_view key, dom::element value, const auto& field) {
          if (key == "input_tokens_over")
            return read_count(value, field, 1, kMaxTokens, tier.input_tokens_over);
          if (key == "rates") return has_rates = read_rates(value, field, tier.rates);
          return unknown(field);
        });
    if (!read) return false;
    if (!has_rates || tier.input_tokens_over < 0)
      return fail(at, "input_tokens_over and rates are expected");
    if (!out.empty() && out.back().input_tokens_over >= tier.input_tokens_over)
      return fail(at, "tiers must ascend");
    out.push_back(tier);
    return true;
  });
}

bool BookReader::read_service_tiers(dom::element element, const std::string& place,
                                    std::map<std::string, Rates>& out) {
  return each_field(element, place, [&](std::string_view key, dom::element value, const auto& at) {
    if (out.size() >= kMaxTiers || key.empty() || key.size() > kMaxModelNameBytes)
      return fail(place, "at most 16 tiers with a name are allowed");
    return read_rates(value, at, out[std::string(key)]);
  });
}

bool BookReader::read_period(dom::element element, const std::string& place, Period& out) {
  bool has_rates = false;
  const bool read =
      each_field(element, place, [&](std::string_view key, dom::element value, const auto& at) {
        if (key == "from") return read_date(value, at, out.from);
        if (key == "daily") return read_window(value, at, out.daily.emplace());
        if (key == "rates") return has_rates = read_rates(value, at, out.rates);
        if (key == "long_context") return read_tiers(value, at, out.long_context);
        if (key == "service_tiers") return read_service_tiers(value, at, out.service_tiers);
        return unknown(at);
      });
  if (read && !has_rates) return fail(place, "rates are missing");
  return read;
}

bool BookReader::read_names(dom::element element, const std::string& place,
                            std::vector<std::string>& out) {
  return each_item(element, place, kMaxNames, [&](dom::element item, const std::string& at) {
    return read_text(item, at, out.emplace_back());
  });
}

bool BookReader::read_model(dom::element element, const std::string& place) {
  BookModel model;
  Names names;
  names.place = place;
  std::int64_t count = 0;
  const bool read =
      each_field(element, place, [&](std::string_view key, dom::element value, const auto& at) {
        if (key == "id") return read_text(value, at, model.id);
        if (key == "names") return read_names(value, at, names.exact);
        if (key == "dated") return read_names(value, at, names.dated);
        if (key == "variants") return read_names(value, at, names.variants);
        if (key == "starts_with") return read_names(value, at, names.open);
        if (key == "context_window_tokens" || key == "max_output_tokens") {
          // Embeddings have an output limit of 0.
          if (!read_count(value, at, key[0] == 'c' ? 1 : 0, kMaxTokens, count)) return false;
          (key[0] == 'c' ? model.context_window_tokens : model.max_output_tokens) = count;
          return true;
        }
        if (key == "automatic_cache_writes")
          return value.get(model.automatic_cache_writes) == simdjson::SUCCESS ||
                 fail(at, "true or false is expected");
        if (key == "source") return value.is_string() || fail(at, "a text is expected");
        if (key == "periods")
          return each_item(value, at, kMaxPeriods, [&](dom::element item, const auto& of) {
            return read_period(item, of, model.periods.emplace_back());
          });
        return unknown(at);
      });
  if (!read) return false;
  const std::size_t slash = model.id.find('/');
  if (slash == std::string::npos || slash == 0 || slash + 1 == model.id.size())
    return fail(place + ".id", "provider/model is expected");
  model.provider = model.id.substr(0, slash);
  model.model = model.id.substr(slash + 1);
  if (model.provider != lower_case(model.provider))
    return fail(place + ".id", "a provider's name is in lower case");
  if (model.periods.empty()) return fail(place + ".periods", "at least one period is expected");
  if (model.periods.front().from != Instant{} || model.periods.front().daily)
    return fail(place + ".periods[0]", "the first period must hold always");
  names.exact.push_back(model.model);
  if (!names_.emplace(model.id, std::move(names)).second)
    return fail(place + ".id", "\"" + model.id + "\" stands in the book twice");
  book_.models.push_back(std::move(model));
  return true;
}

bool BookReader::index_names() {
  for (std::size_t i = 0; i < book_.models.size(); ++i) {
    const BookModel& model = book_.models[i];
    const Names& of = names_[model.id];
    ModelNames& index = book_.names[model.provider];
    const auto add = [&](const std::vector<std::string>& all, auto method, const char* kind) {
      for (const std::string& text : all)
        if (!(index.*method)(text, i))
          return fail(of.place + "." + kind,
                      "\"" + text + "\" belongs to another model of " + model.provider + " too");
      return true;
    };
    if (!add(of.exact, &ModelNames::add_exact, "names") ||
        !add(of.dated, &ModelNames::add_dated, "dated") ||
        !add(of.variants, &ModelNames::add_variants, "variants") ||
        !add(of.open, &ModelNames::add_open, "starts_with"))
      return false;
  }
  return true;
}

bool BookReader::read(dom::element root) {
  std::int64_t schema = 0;
  bool has_models = false;
  const bool read =
      each_field(root, "", [&](std::string_view key, dom::element value, const std::string& at) {
        if (key == "schema") return read_count(value, at, kSchema, kSchema, schema);
        if (key == "version") return read_text(value, at, book_.version);
        if (key == "sources") return value.is_array() || fail(at, "an array is expected");
        if (key == "models")
          return has_models = each_item(
                     value, at, kMaxModels,
                     [&](dom::element item, const auto& place) { return read_model(item, place); });
        return unknown(at);
      });
  if (!read) return false;
  if (schema != kSchema) return fail("schema", "must be 1");
  if (book_.version.empty()) return fail("version", "is missing");
  if (!has_models) return fail("models", "is missing");
  std::sort(book_.models.begin(), book_.models.end(),
            [](const BookModel& a, const BookModel& b) { return a.id < b.id; });
  return index_names();
}

}  // namespace

Result<Book> read_book(std::string_view json) {
  const auto bad = [](const std::string& why) {
    return Error{"bad_price_book",
                 "The price book cannot be used. " + why +
                     ". Mend the file, or make it anew with scripts/update-prices.",
                 Side::us};
  };
  if (json.size() > kMaxBookBytes) return bad("It is larger than 32 MB");
  dom::parser parser;
  dom::element root;
  if (const auto error = parser.parse(json.data(), json.size()).get(root))
    return bad(std::string("It is not JSON: ") + simdjson::error_message(error));
  BookReader reader;
  if (!reader.read(root)) return bad(reader.fault());
  return reader.take_book();
}

const Period& period_at(const BookModel& model, Instant at) {
  const Duration time_of_day = at - std::chrono::floor<std::chrono::days>(at);
  const auto holds = [&](const Period& period) {
    if (at < period.from) return false;
    if (!period.daily) return true;
    const auto [start, end] = *period.daily;
    const bool after_start = time_of_day >= start;
    const bool before_end = time_of_day < end;
    return start < end ? after_start && before_end : after_start || before_end;
  };
  for (std::size_t i = model.periods.size(); i-- > 1;)
    if (holds(model.periods[i])) return model.periods[i];
  return model.periods.front();
}

}  // namespace purser::pricing
