// The database's form, made and brought up to date by numbered steps. `PRAGMA user_version` holds
// the number of the last step that the file has seen; a step runs in one transaction with it.
#pragma once

#include <cstdint>
#include <span>

#include "connection.h"
#include "purser/base/result.h"

namespace purser::store {

struct Migration {
  int number;
  const char* const* steps;  // texts of SQL, run in order
  std::size_t step_count;
};

std::span<const Migration> migrations();
int newest_schema();

// Errors: newer_file.
Result<void> check_schema(Connection& connection, const std::string& file);
Result<void> migrate(Connection& connection, const std::string& file);

}  // namespace purser::store
