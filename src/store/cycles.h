// Which account of a cap stands for an instant. A cycle gets a row with the first command that
// touches it; until then it is seen as fresh. So a cap that nobody uses costs nothing.
#pragma once

#include "ledger_state.h"
#include "writer.h"

namespace purser::store {

// The account of the cycle that contains `now`: the latest one, or a fresh one that nobody has
// written yet (`opened_sequence` 0). A temporary limit that is over no longer counts in it.
AccountEntry account_at(const CapEntry& cap, const Calendar& calendar, Instant now);

// Ends the cap's temporary limit if its time has come: through the ledger, audited. A pointer into
// the scope's entry that was read before is no longer good.
void end_expired_raise(Writer& writer, const ledger::Scope& scope, const Id& cap);
bool has_expired_raise(const CapEntry& cap, Instant now);

// Writes the cap's row as it now stands, and puts it into the state.
void save_cap(Writer& writer, const ledger::Cap& cap);

}  // namespace purser::store
