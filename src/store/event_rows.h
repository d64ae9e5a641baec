// The outbox's rows. The ledger's own events have an id that follows from what happened, so that a
// repeat cannot be a second one (I5).
#pragma once

#include <memory>
#include <span>
#include <string_view>

#include "purser/ledger/apply.h"
#include "purser/store/events.h"
#include "sqlite/connection.h"

namespace purser::store {

// What an event comes from: a request, or else a change by somebody.
struct Cause {
  Id request;
  std::string_view actor_name;
  std::string_view reason;
};

class EventRows {
 public:
  EventRows(Connection& connection, const Id& workspace);

  struct Moment {
    Instant now;
    std::int64_t sequence = 0;
  };
  // Thresholds crossed and pauses ended. False where there were none.
  bool add_transitions(Moment moment, const ledger::Outcome& outcome,
                       std::span<const ledger::Account> accounts, const Cause& cause);
  void add_limit_change(Moment moment, const ledger::Account& account, Nanos old_limit,
                        std::optional<Instant> until, const Cause& cause);
  // False where it is on record already.
  bool add_running_out(Moment moment, const ledger::Account& account, Instant at);
  void add_overspend(Moment moment, const Id& request, std::string_view model, Nanos overspend);
  void add(Moment moment, const Id& id, const Event& event);

 private:
  void insert(Moment moment, const Id& id, const Event& event, int percent,
              std::uint32_t limit_version);

  Connection& connection_;
  const Id workspace_;
  std::unique_ptr<Statement> add_;
};

}  // namespace purser::store
