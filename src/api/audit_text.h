// Entries of the audit trail as lines of an export. A row's columns: sequence, at, actor,
// actor_name, action, target, from_value, to_value, reason, hash.
#pragma once

#include <string>

#include "call.h"

namespace purser::api {

inline constexpr std::size_t kMostExported = 10'000;  // entries of one answer

// Comma-separated values as RFC 4180 has them, each line with CRLF. A field that a spreadsheet
// would take for a formula (it begins with =, +, -, @, a tab or a line end) gets an apostrophe in
// front.
std::string csv_heading();
std::string csv_line(const store::Row& row);

// One JSON object and a line end, with `from` and `to` as the very text that was hashed, so that
// the chain can be checked from the file: main/audit_file.h.
std::string json_line(const store::Row& row, const Id& workspace);

}  // namespace purser::api
