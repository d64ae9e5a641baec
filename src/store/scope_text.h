// A scope and a cap as audit entries and alerts name them.
#pragma once

#include <string>

#include "purser/ledger/account.h"

namespace purser::store {

std::string scope_id_text(const ledger::Scope& scope);  // "team_06ev…"
std::string cap_json(const ledger::Cap& cap);
std::string cap_target(const Id& cap);  // "cap/cap_06ev…"

}  // namespace purser::store
