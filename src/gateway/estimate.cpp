#include "estimate.h"

#include <fmt/format.h>

#include "foresee.h"
#include "plan.h"
#include "purser/base/text.h"
#include "purser/ledger/apply.h"
#include "shown.h"
#include "stored.h"
#include "understand.h"

namespace purser::gateway {
namespace {

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
  const auto options = state.options();
  const auto prices = state.prices();
  Result<Understood> understood =
      understand([&](std::string_view model) { return route(*options, *prices, *format, model); },
                 *format, body, {});
  if (!understood) return understood.error();
  store::Attribution attribution;
  attribution.user = principal.user;
  attribution.team = principal.team;
  attribution.membership = principal.membership;
  attribution.key = principal.key;
  attribution.project = principal.default_project;
  attribution.label = principal.default_label;
  const ledger::ScopeList scopes = store::scopes_of(state.store->workspace(), attribution);
  const auto directory = state.keys->directory();
  providers::RequestShape* const shape = &understood->shape;
  const Route* const found = &understood->route;
  if (const auto scope = identity::forbidding(
          directory->rules, scopes, options->providers[found->entry].name, found->upstream_model)) {
    return Error{"model_not_allowed", "A rule of the " + std::string(ledger::name(scope->kind)) +
                                          " does not allow the model " + shown(shape->model) + "."};
  }
  std::optional<ResponseOwners::Owner> owner;
  if (shape->previous_response_id) {
    owner = state.responses.find(*shape->previous_response_id);
    if (!owner) owner = state.find_recorded_response(*shape->previous_response_id);
  }
  const Result<void> counted = count_stored(*shape, owner, principal.user);
  if (!counted) return counted.error();
  Result<pricing::Price> price =
      prices->find(found->price_provider, found->upstream_model, state.env->utc_now());
  if (!price) return price.error();
  PlanInput input;
  input.input_tokens = state.prefixes.tighten(*shape);
  input.doubled = state.store->is_overspent(price->id);
  const auto shared_price = std::make_shared<const pricing::Price>(std::move(*price));
  Result<Plan> plan = make_plan(*shape, shared_price, input);
  if (!plan) return plan.error();

  if (const auto most = identity::request_ceiling(directory->rules, scopes);
      most && !plan->free && !lower_to(*plan, most->amount)) {
    return Error{"request_too_expensive",
                 "A rule of the " + std::string(ledger::name(most->scope.kind)) +
                     " lets one request cost USD " + format_usd(most->amount) +
                     " at most; this one can cost USD " + format_usd(plan->smallest) + "."};
  }
  const Foresight seen = foresee(state, scopes, *plan);
  const ledger::Outcome& outcome = seen.outcome;
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
          ",\"provider\":" + quote_json(options->providers[found->entry].name) +
          ",\"price_id\":" + quote_json(shared_price->id) +
          ",\"price_version\":" + quote_json(shared_price->version) + ",\"caps\":[" +
          caps_json(seen.caps) + "]}";
  return json;
}

}  // namespace purser::gateway
