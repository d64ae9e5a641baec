// The rows that an exposure is computed from: caps, memberships, and what is spent and held in a
// month.
#pragma once

#include <map>

#include "purser/base/id.h"
#include "purser/ledger/scope.h"
#include "purser/reports/exposure.h"
#include "purser/store/sql.h"

namespace purser::api {

class ExposureRows {
 public:
  // Reads them.
  ExposureRows(store::Sql& sql, const Id& workspace, const std::string& workspace_name,
               const Cycle& month);

  const reports::ExposureInput& input() const { return input_; }

  // As it would be with this cap at another limit in this cycle, which keeps what is spent and held
  // in it. A cap that has no part in the exposure (of a label, a watch cap) changes nothing.
  reports::ExposureInput with(const Id& cap, const reports::ExposureCycle& cycle) const;

 private:
  using Places = std::map<Id, std::size_t>;
  struct CapPlace {
    ledger::Scope scope;
    std::size_t index = 0;
  };

  void read_scopes(std::string_view query, std::vector<reports::ExposureScope>& scopes,
                   Places& places);
  void read_memberships();
  void read_spent();
  void drop_idle();
  void read_caps();
  std::map<Id, std::vector<reports::ExposureCycle>> read_cycles();
  reports::ExposureMembership* membership(const Id& id);
  // Null where the scope has no place in the input.
  std::vector<reports::ExposureCap>* caps_of(reports::ExposureInput& input,
                                             const ledger::Scope& scope) const;

  store::Sql& sql_;
  const Id& workspace_;
  Cycle month_;
  reports::ExposureInput input_;
  Places teams_, users_, memberships_;
  std::map<Id, CapPlace> places_of_caps_;
};

}  // namespace purser::api
