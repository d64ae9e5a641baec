// Which entries of the audit trail are wanted: by who, what, when and scope.
//
// A scope's entries are those that name it (under names that it had before, too), its memberships,
// a user's keys, its caps and its stops, the raise requests about those caps or by that user, and
// reads of a user's requests. Names are what the trail has; where a name was given anew to another
// scope after the first had ended, both are found.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "call.h"

namespace purser::api {

class AuditFilter {
 public:
  // Takes "actor", "action", "target", "from", "to", "scope" and "name" out of the query.
  explicit AuditFilter(Query& query);
  // Looks up what is named. Errors: bad_time, bad_query, bad_scope and those of the finders.
  Result<void> resolve(const Call& call, store::Sql& sql);

  // " AND at >= ?2 …" behind "workspace = ?1", and its parameters; both live as long as the filter.
  const std::string& condition() const { return condition_; }
  const std::vector<store::Param>& params() const { return params_; }

 private:
  std::string add(store::Param param);  // "?7"
  void add_scope(store::Sql& sql, const ledger::Scope& scope);

  std::string actor_, action_, target_, from_, to_, scope_, name_;
  Id workspace_, actor_id_;
  std::set<std::string> targets_, beginnings_, endings_, values_;
  std::string condition_;
  std::vector<store::Param> params_;
};

}  // namespace purser::api
