// Events as they are read from the outbox.
#pragma once

#include <boost/json.hpp>
#include <string>
#include <vector>

#include "purser/store/events.h"
#include "purser/store/sql.h"

namespace purser::alerts {

struct StoredEvent {
  Id id;
  store::EventKind kind = store::EventKind::threshold;
  ledger::Scope scope;
  Id cap;
  Id subject;
  Instant cycle_start;
  int percent = 0;
  boost::json::object body;
  Instant made_at;
  std::uint64_t sequence = 0;

  std::string text(std::string_view member) const;  // empty where there is none
  Nanos usd(std::string_view member) const;         // zero where there is none
  bool flag(std::string_view member) const;
};

// The oldest that no message was made of, at most `limit`; the crossings of one command by one cap
// stand together, the highest first, and are not torn apart.
std::vector<std::vector<StoredEvent>> unplanned_events(store::Sql& sql, const Id& workspace,
                                                       std::size_t limit);

}  // namespace purser::alerts
