// Memberships: a user in a team, perhaps as its lead. A user may have several; a key is bound to
// one of them. Every change is audited and makes the user's keys stale.
#pragma once

#include <string_view>
#include <vector>

#include "purser/identity/changed_by.h"
#include "purser/store/sql.h"

namespace purser::identity {

struct Membership {
  Id id;
  Id user;
  Id team;
  std::string team_name;
  bool is_lead = false;
  Instant created;
};

// Errors: unknown_user, unknown_team, already_member, services_do_not_lead.
Result<Id> create_membership(store::Change& change, const Id& user, const Id& team, bool is_lead,
                             const ChangedBy& by);
// Error: unknown_membership, services_do_not_lead.
Result<void> set_lead(store::Change& change, const Id& membership, bool is_lead,
                      const ChangedBy& by);
// Revokes the keys bound to it and ends its caps. Errors: unknown_membership, owning_team (of a
// service account).
Result<void> end_membership(store::Change& change, const Id& membership, const ChangedBy& by);

Result<Membership> load_membership(store::Sql& sql, const Id& workspace, const Id& id);
std::vector<Membership> memberships_of_user(store::Sql& sql, const Id& workspace, const Id& user);
std::vector<Membership> memberships_of_team(store::Sql& sql, const Id& workspace, const Id& team);

}  // namespace purser::identity
