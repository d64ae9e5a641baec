// Who hears of an event, and which teams it concerns.
#pragma once

#include <vector>

#include "purser/alerts/channel.h"
#include "stored_event.h"

namespace purser::alerts {

inline constexpr int kAdminRole = 3;  // of identity::Role, as stored

// Active persons with an address, each once, the nearest first.
std::vector<Recipient> audience_of(store::Sql& sql, const Id& workspace, const StoredEvent& event);

// Names of the teams that a scope belongs to, for channels that want some teams' alone.
std::vector<std::string> teams_of(store::Sql& sql, const Id& workspace, const ledger::Scope& scope);

}  // namespace purser::alerts
