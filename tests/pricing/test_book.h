// Books for tests: the one in data/, and small ones written in the test.
#pragma once

#include <gtest/gtest.h>

#include <fstream>
#include <sstream>
#include <string>
#include <string_view>

#include "purser/pricing/price_book.h"

namespace purser::pricing {

inline PriceBook parse_or_die(std::string_view json) {
  Result<PriceBook> book = PriceBook::parse(json);
  if (!book) ADD_FAILURE() << book.error().message;
  return *std::move(book);
}

inline const PriceBook& real_book() {
  static const PriceBook book = [] {
    std::ifstream file(PURSER_SOURCE_DIR "/data/prices.json");
    std::stringstream text;
    text << file.rdbuf();
    return parse_or_die(text.str());
  }();
  return book;
}

// A book of `models`, the text of a JSON array's items.
inline std::string book_json(std::string_view models) {
  return R"({"schema": 1, "version": "2026-11-23", "models": [)" + std::string(models) + "]}";
}

inline Instant at(int year, unsigned month, unsigned day, Duration time = {}) {
  return Instant{std::chrono::sys_days{std::chrono::year{year} / static_cast<int>(month) /
                                       static_cast<int>(day)}} +
         time;
}

inline Instant now() { return at(2026, 11, 23, std::chrono::hours{12}); }

}  // namespace purser::pricing
