// Whose things a key's holder may see: an admin and finance everything, a lead their teams,
// everybody themselves.
#pragma once

#include <vector>

#include "purser/identity/principal.h"
#include "purser/ledger/scope.h"
#include "purser/store/sql.h"

namespace purser::api {

struct Sight {
  bool everything = false;
  Id user;
  std::vector<Id> teams_led;
  std::vector<Id> teams;        // is a member of
  std::vector<Id> memberships;  // their own

  bool leads(const Id& team) const;
  bool is_in(const Id& team) const;
  // Also members of the teams led; reads the store.
  bool sees_user(store::Sql& sql, const Id& workspace, const Id& other) const;
  bool sees_scope(store::Sql& sql, const Id& workspace, const ledger::Scope& scope) const;
};

Sight sight_of(store::Sql& sql, const Id& workspace, const identity::Principal& who);

}  // namespace purser::api
