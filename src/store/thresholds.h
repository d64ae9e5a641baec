// Whose thresholds a cap has: its own, else its team's, else the workspace's.
#pragma once

#include "writer.h"

namespace purser::store {

ledger::PercentSet inherited_thresholds(Writer& writer, const ledger::Scope& scope);

}  // namespace purser::store
