// The parts of `apply`: one function a group of commands, and what they share.
#pragma once

#include "purser/ledger/apply.h"

namespace purser::ledger {

// Records each threshold that the account stands past and that is not recorded yet.
void record_crossings(AccountSet& set, std::size_t index, Outcome& outcome);
void record(AccountSet& set, std::size_t index, int percent, Outcome& outcome);
bool stands_past(const Account& account, int percent);

Outcome reserve(AccountSet& set, const Reserve& command);

Outcome settle(AccountSet& set, Nanos cost);
Outcome adjust(AccountSet& set, const Adjust& command);

Outcome set_cap(AccountSet& set, const SetCap& command);
Outcome end_cap(AccountSet& set, const EndCap& command);
Outcome raise(AccountSet& set, Instant now, const Raise& command);
Outcome end_raise(AccountSet& set, const EndRaise& command);
Outcome reallocate(AccountSet& set, Instant now, const Reallocate& command);

}  // namespace purser::ledger
