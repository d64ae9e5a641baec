// Private to pricing/: the price book as read from its file.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model_names.h"
#include "purser/base/env.h"
#include "purser/base/result.h"
#include "purser/pricing/price.h"

namespace purser::pricing {

// A part of every day, in UTC: [start, end), over midnight where end is before start.
struct DailyWindow {
  Duration start{};
  Duration end{};
};

// Rates that hold from an instant on, or in a part of every day, or both.
struct Period {
  Instant from{};  // 1970 where the book names no date
  std::optional<DailyWindow> daily;
  Rates rates;
  std::vector<LongContextTier> long_context;
  std::map<std::string, Rates> service_tiers;
};

struct BookModel {
  std::string provider;
  std::string model;
  std::string id;
  std::optional<std::int64_t> context_window_tokens;
  std::optional<std::int64_t> max_output_tokens;
  bool automatic_cache_writes = false;
  std::vector<Period> periods;  // at least one; the first holds always
};

struct Book {
  std::string version;
  std::vector<BookModel> models;                         // sorted by id
  std::map<std::string, ModelNames, std::less<>> names;  // by provider; indexes into `models`
};

// Errors: `bad_price_book`, with the place in the file.
Result<Book> read_book(std::string_view json);

// The last period whose date has come and whose part of the day it is.
const Period& period_at(const BookModel& model, Instant at);

}  // namespace purser::pricing
