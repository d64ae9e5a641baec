// An entry of the audit trail in words: whose it is by the names of today, and what changed. The
// trail itself keeps ids, since names change.
#pragma once

#include <string>

#include "call.h"

namespace purser::api {

// Of a target such as "cap/cap_…", "team/team_…" or two of them: "team/engineering month cap". What
// already is a name stays as it is.
std::string audit_subject(store::Sql& sql, const Id& workspace, std::string_view target);

// What differs, in one line: "limit_usd 2000 → 2500, temporary_until none → 2026-12-01T00:00:00Z".
// At most 400 bytes. The scope, which the subject names, and versions are left out.
std::string audit_change(const json::value& from, const json::value& to);

}  // namespace purser::api
