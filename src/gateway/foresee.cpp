#include "foresee.h"

namespace purser::gateway {

Foresight foresee(GatewayState& state, const ledger::ScopeList& scopes, const Plan& plan) {
  Foresight seen;
  seen.caps = state.store->caps(scopes);
  ledger::AccountSet set;
  for (const ledger::Scope& scope : scopes) set.scopes.push_back({scope, false, 0});
  for (const store::CapStatus& cap : seen.caps) {
    set.accounts.push_back(cap.account);
    for (ledger::ScopeState& scope : set.scopes)
      if (scope.scope == cap.cap.scope) ++scope.open_caps;
  }
  if (const auto pause = state.store->find_pause(scopes); pause && pause->stopped)
    for (ledger::ScopeState& scope : set.scopes)
      if (scope.scope == pause->scope) scope.stopped = true;
  ledger::Reserve command;
  command.scopes = scopes;
  command.forms = plan.forms;
  command.smallest = plan.smallest;
  command.free = plan.free;
  command.allow_uncapped = state.keys->directory()->allow_uncapped;
  command.share_divisor = state.options()->share_divisor;
  seen.outcome = ledger::apply(set, state.store->ledger_now(), command);
  return seen;
}

}  // namespace purser::gateway
