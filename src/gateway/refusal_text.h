// What a refused request is told: who has spent how much, until when, what would fit, whom to ask.
// Pure. The first 120 characters of a message say who, how much and when, since many tools cut
// there.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>

#include "plan.h"
#include "purser/base/calendar.h"
#include "purser/identity/key_ring.h"
#include "purser/ledger/apply.h"
#include "purser/providers/refusal.h"
#include "purser/store/store.h"

namespace purser::gateway {

// The names behind a request's scopes.
struct ScopeNames {
  std::string workspace, team, user, project, label, task, key;
  std::string of(ledger::ScopeKind kind) const;       // "engineering"
  std::string subject(ledger::ScopeKind kind) const;  // "Team engineering"
};

struct RefusalContext {
  Id request;
  ScopeNames names;
  std::shared_ptr<const Calendar> calendar;
  std::string ask_whom;  // a name and an address
  std::string ask_url;   // as in GatewayOptions
  std::string ask_page;
};

// A reserve that the ledger refused.
providers::Refusal refusal_of(const RefusalContext& context, const ledger::Outcome& outcome,
                              std::span<const ledger::Account> accounts,
                              const providers::RequestShape& shape, const Plan& plan);

// Refused before its body was read: a cap is paused or a scope stopped.
providers::Refusal refusal_of(const RefusalContext& context, const store::PauseView& pause);

// The rule of a scope does not allow the model; `patterns` are those that it allows.
providers::Refusal refusal_of_model(const RefusalContext& context, ledger::ScopeKind kind,
                                    std::string_view model,
                                    const std::vector<std::string>& patterns);

// The rule of a scope says less for one request than this one needs at least.
providers::Refusal refusal_of_ceiling(const RefusalContext& context,
                                      const identity::RequestCeiling& ceiling, Nanos needed);

// Anything else, by its code and sentence.
providers::Refusal refusal_of(const RefusalContext& context, int status, const Error& error);

}  // namespace purser::gateway
