// The audit trail as a whole: its head, and whether it is intact. Entries are appended by changes;
// see store.h.
//
//   const audit::Head head = read_audit_head(sql, workspace);   // hand it to somebody outside
//   const auto report = verify_audit_trail(directory, {given});
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "purser/audit/check.h"
#include "purser/base/result.h"
#include "purser/store/sql.h"

namespace purser::store {

// The newest entry; of an empty trail, number 0.
audit::Head read_audit_head(Sql& sql, const Id& workspace);

struct AuditTrailReport {
  std::vector<audit::Finding> findings;
  std::uint64_t entries = 0;
  audit::Head head;
};

// Of a data directory or a backup, whether a `serve` runs on it or not. With heads that were
// exported before, it also finds that the newest entries were cut off, and that the whole chain was
// written anew. Errors: damaged, newer_file.
Result<AuditTrailReport> verify_audit_trail(const std::string& directory_or_file,
                                            const std::vector<audit::GivenHead>& heads);
Result<audit::Head> read_audit_head(const std::string& directory_or_file);

}  // namespace purser::store
