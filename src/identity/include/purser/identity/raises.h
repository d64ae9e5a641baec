// Raises of a cap: what an admin does by hand, and what granting a raise request does. The amount
// is worked out inside the change, so that two raises by an amount at the same time both count.
//
//   auto limit = raise_cap(change, cap, {.by = usd(50), .until = cycle_end}, by);
#pragma once

#include <optional>

#include "purser/identity/changed_by.h"

namespace purser::identity {

struct RaiseTo {
  std::optional<Nanos> limit;    // the new limit, or
  std::optional<Nanos> by;       // how much more than the one in force
  std::optional<Instant> until;  // absent: for good
};

// An open cap, its limit in force at `now`.
struct CapInForce {
  store::CapSpec spec;
  Nanos limit;
  std::optional<Instant> raised_until;  // or lowered: another limit than the spec's, until then
};
// Errors: unknown_cap, also of one that has ended.
Result<CapInForce> load_cap_in_force(store::Sql& sql, const Id& workspace, const Id& cap,
                                     Instant now);

// Gives the new limit. Raised for good, a cap no longer follows its template. Audited by the store.
// Errors: bad_member (both amounts, or none), unknown_cap, not_possible (the limit is that high
// already, or no limit can be; the time has passed).
Result<Nanos> raise_cap(store::Change& change, const Id& cap, const RaiseTo& to,
                        const ChangedBy& by);

}  // namespace purser::identity
