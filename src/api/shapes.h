// How things look in answers; docs/openapi.json describes each.
#pragma once

#include "json.h"
#include "purser/identity/keys.h"
#include "purser/identity/labels.h"
#include "purser/identity/memberships.h"
#include "purser/identity/projects.h"
#include "purser/identity/teams.h"
#include "purser/identity/templates.h"
#include "purser/identity/users.h"
#include "purser/store/store.h"

namespace purser::api {

json::object user_json(store::Sql& sql, const Id& workspace, const identity::User& user);
json::object team_json(const identity::Team& team);
json::object membership_json(store::Sql& sql, const Id& workspace,
                             const identity::Membership& membership);
json::object project_json(store::Sql& sql, const Id& workspace, const identity::Project& project);
json::object label_json(const identity::Label& label);
json::object key_json(const identity::Key& key);
json::object template_json(const identity::Template& of);

// A cap with its account of the cycle that contains now, as /me shows it.
// "[50, 80, 100]".
json::array percents_json(ledger::PercentSet percents);
json::object balance_json(store::Sql& sql, const Id& workspace, const store::CapStatus& status);
// And as the list of caps does: with its template, its raise, its cycle.
json::object cap_json(store::Sql& sql, const Id& workspace, const store::CapStatus& status);

}  // namespace purser::api
