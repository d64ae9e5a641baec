// What the batch's transaction does for each command of money.
#pragma once

#include "purser/store/records.h"
#include "writer.h"

namespace purser::store {

CommandResult reserve(Writer& writer, const ReserveRequest& request);
CommandResult settle(Writer& writer, const SettleRequest& request);
// A hold of a dead epoch, settled in full: what it cost is not known.
CommandResult expire(Writer& writer, const Id& request);

// Books the difference between what a usage was booked at and what it cost. `accounts` gets those
// touched.
ledger::Outcome adjust_usage(Writer& writer, const Id& request, const FoundUsage& usage,
                             Nanos exact_cost, const Actor& actor, std::string_view reason,
                             std::vector<ledger::Account>& accounts);

}  // namespace purser::store
