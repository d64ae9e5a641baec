// Reads a ledger's file without its store: of a data directory or a backup, for what checks books
// from outside. The file may be in use.
#pragma once

#include <functional>
#include <string>

#include "purser/base/result.h"
#include "purser/store/sql.h"

namespace purser::store {

// Runs `body` on one snapshot. Errors: newer_file; damaged, where the file or what `body` asks of
// it cannot be read.
Result<void> read_ledger(const std::string& directory_or_file,
                         const std::function<void(Sql&)>& body);

}  // namespace purser::store
