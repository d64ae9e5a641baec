// What the ledger would decide now, over copies of the published balances: nothing is held, written
// or recorded. The real reserve may decide otherwise, since others may be quicker.
#pragma once

#include <vector>

#include "plan.h"
#include "purser/ledger/apply.h"
#include "state.h"

namespace purser::gateway {

struct Foresight {
  ledger::Outcome outcome;
  std::vector<store::CapStatus> caps;
};

Foresight foresee(GatewayState& state, const ledger::ScopeList& scopes, const Plan& plan);

}  // namespace purser::gateway
