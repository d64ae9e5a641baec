// Which keys a change concerns: each of them becomes stale, so that the next reserve resolves it
// again.
#pragma once

#include <string_view>
#include <vector>

#include "purser/identity/changed_by.h"

namespace purser::identity {

void raise_keys_of_user(store::Change& change, const Id& user);
void raise_keys_of_team(store::Change& change, const Id& team);

// Keys, not revoked, that pay under the membership.
std::vector<Id> keys_of_membership(store::Sql& sql, const Id& workspace, const Id& membership);

// Keys that carry this default lose it and become stale; each is audited. `column`:
// "default_project" or "default_label".
void clear_default(store::Change& change, std::string_view column, const Id& value,
                   const std::vector<Id>& only_teams_other_than, const ChangedBy& by);

}  // namespace purser::identity
