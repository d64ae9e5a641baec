#include "estimate.h"

#include <fmt/format.h>

#include "plan.h"
#include "purser/base/text.h"
#include "purser/ledger/apply.h"
#include "purser/providers/request.h"

namespace purser::gateway {
namespace {

// The ledger's own decision over copies of the published balances.
ledger::Outcome decide(GatewayState& state, const ledger::ScopeList& scopes, const Plan& plan,
                       const std::vector<store::CapStatus>& caps) {
  ledger::AccountSet set;
  for (const ledger::Scope& scope : scopes) set.scopes.push_back({scope, false, 0});
  for (const store::CapStatus& cap : caps) {
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
  command.share_divisor = state.options.share_divisor;
  return ledger::apply(set, state.store->ledger_now(), command);
}

std::string caps_json(const std::vector<store::CapStatus>& caps) {
  std::string list;
  for (const store::CapStatus& cap : caps) {
    const ledger::Account& account = cap.account;
    list += fmt::format(
        R"({}{{"scope":"{}","period":"{}","enforcement":"{}","limit_usd":"{}","remaining_usd":"{}","paused":{}}})",
        list.empty() ? "" : ",", ledger::name(account.scope.kind), name(account.period),
        ledger::name(account.enforcement), format_usd(account.limit),
        format_usd(account.remaining()), account.paused());
  }
  return list;
}

}  // namespace

Result<std::string> estimate(GatewayState& state, const identity::Principal& principal,
                             std::string_view path, std::string_view body) {
  const auto format = providers::format_of_path(path);
  if (!format)
    return Error{"unknown_path", "\"" + std::string(path.substr(0, 100)) +
                                     "\" is not an endpoint that Purser meters."};
  const auto usual =
      providers::is_anthropic(*format) ? providers::Dialect::anthropic : providers::Dialect::openai;
  Result<providers::RequestShape> shape = providers::read_request(*format, usual, body, {});
  if (!shape) return shape.error();
  const auto prices = state.prices();
  const Result<Route> found = route(state.options, *prices, *format, shape->model);
  if (!found) return found.error();
  Result<pricing::Price> price =
      prices->find(found->price_provider, found->upstream_model, state.env->utc_now());
  if (!price) return price.error();
  PlanInput input;
  input.input_tokens = state.prefixes.tighten(*shape);
  input.doubled = state.store->is_overspent(price->id);
  const auto shared_price = std::make_shared<const pricing::Price>(std::move(*price));
  const Result<Plan> plan = make_plan(*shape, shared_price, input);
  if (!plan) return plan.error();

  store::Attribution attribution;
  attribution.user = principal.user;
  attribution.team = principal.team;
  attribution.membership = principal.membership;
  attribution.key = principal.key;
  attribution.project = principal.default_project;
  attribution.label = principal.default_label;
  const ledger::ScopeList scopes = store::scopes_of(state.store->workspace(), attribution);
  const auto caps = state.store->caps(scopes);
  const ledger::Outcome outcome = decide(state, scopes, *plan, caps);
  const bool passes = outcome.decision == ledger::Decision::granted;
  std::string json = fmt::format(
      R"({{"would_pass":{},"decision":"{}","bound_usd":"{}","smallest_usd":"{}","hold_usd":"{}",)",
      passes, ledger::name(outcome.decision), format_usd(plan->forms.front()),
      format_usd(plan->smallest), format_usd(passes ? outcome.amount : Nanos{0}));
  json += fmt::format(
      R"("input_tokens_at_most":{},"output_tokens_at_most":{},"reads_unseen":{},"web_search_calls":{},)",
      plan->input_tokens, plan->full_output_tokens, shape->reads_unseen, shape->web_search_calls);
  const std::string clamped =
      passes && !plan->free ? choose_form(*shape, *plan, outcome.form, outcome.amount).clamped : "";
  json += "\"clamped\":" + quote_json(clamped) +
          ",\"provider\":" + quote_json(state.options.providers[found->entry].name) +
          ",\"price_id\":" + quote_json(shared_price->id) +
          ",\"price_version\":" + quote_json(shared_price->version) + ",\"caps\":[" +
          caps_json(caps) + "]}";
  return json;
}

}  // namespace purser::gateway
