// The words of a message: what happened, to whom, and what follows from it.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "purser/alerts/message.h"
#include "purser/base/calendar.h"
#include "stored_event.h"

namespace purser::alerts {

struct ComposeContext {
  store::Sql& sql;
  const Id& workspace;
  const Calendar& calendar;
  std::function<std::string(store::Sql&, const Id&, const ledger::Scope&)> scope_name;
  std::string base_url;  // of Purser's pages; empty: no links to them
};

// Of one event, or of several crossings of one cap, the highest first.
Message compose(const ComposeContext& context, const std::vector<StoredEvent>& events);

}  // namespace purser::alerts
