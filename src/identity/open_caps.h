// Identity reads one table of the ledger: which caps are open, and which template they carry.
#pragma once

#include <vector>

#include "purser/base/calendar.h"
#include "purser/ledger/scope.h"
#include "purser/store/store.h"

namespace purser::identity {

struct OpenCap {
  Id id;
  ledger::Scope scope;
  Period period = Period::month;
  ledger::Enforcement enforcement = ledger::Enforcement::hard;
  Nanos limit;
  Id template_id;
};

std::vector<OpenCap> open_caps_of(store::Sql& sql, const Id& workspace, const ledger::Scope& scope);
std::vector<OpenCap> open_caps_with(store::Sql& sql, const Id& workspace, const Id& template_id);

}  // namespace purser::identity
