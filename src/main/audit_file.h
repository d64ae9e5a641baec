// An export of the audit trail in JSON Lines, read back and checked without the ledger that it came
// from: what somebody who holds a copy can do alone. The format: docs/AUDIT.md.
#pragma once

#include <iosfwd>
#include <vector>

#include "purser/base/result.h"
#include "purser/store/audit_trail.h"

namespace purser::main {

inline constexpr std::size_t kMostLineBytes = 1 << 20;

// Reads all of it into memory. A line that is no entry is a finding, and the rest is read on. An
// export that begins in mid-chain (`from`, `after`) is checked from the head of the entry before
// it, where that was given; else what is before it counts as missing.
store::AuditTrailReport verify_audit_lines(std::istream& lines,
                                           const std::vector<audit::GivenHead>& heads);

}  // namespace purser::main
