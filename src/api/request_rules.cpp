// Rules on single requests: how much one may cost, which models it may ask for.
#include "purser/identity/request_rules.h"

#include "handlers.h"
#include "my_caps.h"
#include "rules_json.h"
#include "scopes.h"

namespace purser::api {
namespace {

using identity::RequestRule;

json::object rule_json(store::Sql& sql, const Id& workspace, const ledger::Scope& scope,
                       const RequestRule& rule) {
  json::value models = nullptr;
  if (rule.models) {
    json::array patterns;
    for (const std::string& pattern : *rule.models) patterns.push_back(json::string(pattern));
    models = std::move(patterns);
  }
  return {{"scope", ledger::name(scope.kind)},
          {"name", scope_name(sql, workspace, scope)},
          {"scope_id", id_json(prefix_of(scope.kind), scope.id)},
          {"max_request_usd", rule.max_request ? usd_json(*rule.max_request) : nullptr},
          {"models", std::move(models)}};
}

// What a body says of a rule; what it does not say stays as it is.
struct RuleUpdate {
  explicit RuleUpdate(Body& body)
      : has_max(body.has("max_request_usd")), has_models(body.has("models")) {
    if (has_max && !body.is_null("max_request_usd")) rule.max_request = body.usd("max_request_usd");
    if (has_models && !body.is_null("models")) rule.models = body.texts("models");
  }
  RequestRule applied_to(RequestRule before) const {
    if (has_max) before.max_request = rule.max_request;
    if (has_models) before.models = rule.models;
    return before;
  }

  bool has_max, has_models;
  RequestRule rule;
};

}  // namespace

json::array rules_of_caller(const Call& call, store::Sql& sql) {
  json::array rules;
  const auto all = call.services.keys->directory();
  for (const ledger::Scope& scope : scopes_of_caller(call, sql)) {
    const auto found = all->rules.find(scope);
    if (found != all->rules.end())
      rules.push_back(rule_json(sql, call.workspace(), scope, found->second));
  }
  return rules;
}

Result<Reply> list_request_rules(Call& call) {
  if (auto query = call.query.finish(); !query) return query.error();
  return call.read([&](store::Sql& sql) -> Result<Reply> {
    json::array items;
    for (const auto& [scope, rule] : identity::read_request_rules(sql, call.workspace()))
      items.push_back(rule_json(sql, call.workspace(), scope, rule));
    return page_reply(std::move(items), "");
  });
}

Result<Reply> set_request_rule(Call& call) {
  if (auto query = call.query.finish(); !query) return query.error();
  Body body(call.body);
  const std::string kind = body.required_text("scope");
  const std::string name = body.text("name").value_or("");
  const RuleUpdate update(body);
  if (auto read = body.finish(); !read) return read.error();
  if (!update.has_max && !update.has_models) {
    return Error{"missing_member",
                 "Give \"max_request_usd\" or \"models\"; null takes that rule away."};
  }
  json::object shown;
  auto changed = call.store().change([&](store::Change& change) -> Result<void> {
    const auto scope = find_scope(change.sql(), change.workspace(), kind, name);
    if (!scope) return scope.error();
    const RequestRule rule =
        update.applied_to(identity::load_request_rule(change.sql(), change.workspace(), *scope));
    auto set = identity::set_request_rule(change, *scope, rule, call.by);
    if (!set) return set;
    shown = rule_json(change.sql(), change.workspace(), *scope, rule);
    return {};
  });
  if (!changed) return changed.error();
  return Reply{std::move(shown)};
}

}  // namespace purser::api
