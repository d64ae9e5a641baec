// One look at a ledger's file without its store, of a data directory or a copy: on a reader's
// connection and one snapshot. The file may be in use.
#pragma once

#include <functional>
#include <string>

#include "purser/base/result.h"
#include "sqlite/connection.h"

namespace purser::store {

// Errors: newer_file; damaged, where the file or what `body` asks of it cannot be read.
Result<void> read_snapshot(const std::string& directory_or_file,
                           const std::function<void(Connection&)>& body);

}  // namespace purser::store
