// The rows of `audit`, read back as entries of the chain.
#pragma once

#include <functional>

#include "purser/audit/check.h"
#include "sqlite/connection.h"

namespace purser::store {

// Takes all of a workspace's entries in the order of their numbers, compares where they end with
// what the store says that it wrote, and finishes the check. A row whose types or lengths the store
// would never have written is told as it is, and left out of the chain.
void check_audit_rows(Connection& connection, const Id& workspace, audit::ChainCheck& chain,
                      const std::function<void(const audit::Entry&)>& also);

}  // namespace purser::store
