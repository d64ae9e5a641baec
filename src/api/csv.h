// Comma-separated values as RFC 4180 has them: quotes, doubled quotes, CRLF or LF, a byte-order
// mark.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "purser/base/result.h"

namespace purser::api {

struct CsvRow {
  std::size_t line = 0;  // where it begins, from 1
  std::vector<std::string> fields;
};

inline constexpr std::size_t kMaxCsvRows = 5000;
inline constexpr std::size_t kMaxCsvFields = 50;

// Empty lines are left out. Where a semicolon stands in the first of the others, outside quotes,
// and no comma does, it separates (as spreadsheets write it in half of Europe). Errors: bad_csv,
// with the line.
Result<std::vector<CsvRow>> parse_csv(std::string_view text);

}  // namespace purser::api
