#include "verb_parts.h"

#include <fmt/format.h>

#include <boost/json.hpp>

#include "purser/base/money.h"

namespace purser::main {

namespace {

namespace json = boost::json;

struct ScopeFlag {
  const char* flag;
  const char* scope;
  const char* help;
};

constexpr ScopeFlag kScopeFlags[] = {
    {"--workspace", "workspace", "the whole workspace"},
    {"--team", "team", "a team, by name"},
    {"--user", "user", "a person by e-mail, or a service account by name"},
    {"--membership", "membership", "a user in a team: engineering/ana@example.com"},
    {"--project", "project", "a project, by name"},
    {"--key", "key", "a key, by its id"},
    {"--label", "label", "a label, by name"},
    {"--task", "task", "a task: ana@example.com/ticket-4711"},
};

}  // namespace

Result<void> put_until(const Given& given, Draft& draft) {
  if (given.has("until") && given.has("for-good"))
    return Error{"two_ends", "give --until or --for-good, not both"};
  if (draft.body.is_null()) draft.body = json::object();
  draft.body.as_object()["until"] = given.has("for-good") ? "for_good"
                                    : given.has("until")  ? given.one("until")
                                                          : std::string("cycle_end");
  return {};
}

std::vector<Parameter> with_page(std::vector<Parameter> parameters) {
  parameters.push_back(in_query("--limit", "limit", "how many at most (100)", Kind::integer));
  parameters.push_back(in_query("--after", "after", "the id after which to go on"));
  return parameters;
}

std::vector<Parameter> with_scope(std::vector<Parameter> parameters) {
  for (const ScopeFlag& each : kScopeFlags) {
    const bool is_workspace = std::string_view(each.scope) == "workspace";
    parameters.push_back(own(each.flag, std::string("scope.") + each.scope, each.help,
                             is_workspace ? Kind::flag : Kind::text));
  }
  return parameters;
}

Result<ScopeName> scope_given(const Given& given) {
  ScopeName found;
  for (const ScopeFlag& each : kScopeFlags) {
    const std::string key = std::string("scope.") + each.scope;
    if (!given.has(key)) continue;
    if (!found.scope.empty()) {
      return Error{"two_scopes", fmt::format("give one of --{} and {}, not both: a cap or a stop "
                                             "is set on one scope",
                                             found.scope, each.flag)};
    }
    found = {each.scope, std::string_view(each.scope) == "workspace" ? "" : given.one(key)};
  }
  return found;
}

Result<void> put_scope_into_body(const Given& given, Draft& draft) {
  Result<ScopeName> found = scope_given(given);
  if (!found) return found.error();
  if (found->scope.empty()) {
    return Error{"no_scope",
                 "say for whom: --workspace, --team NAME, --user EMAIL, --membership TEAM/EMAIL, "
                 "--project NAME, --key ID, --label NAME or --task EMAIL/TASK"};
  }
  if (draft.body.is_null()) draft.body = boost::json::object();
  draft.body.as_object()["scope"] = found->scope;
  if (!found->name.empty()) draft.body.as_object()["name"] = found->name;
  return {};
}

Result<void> put_scope_into_query(const Given& given, Draft& draft) {
  Result<ScopeName> found = scope_given(given);
  if (!found) return found.error();
  if (found->scope.empty()) return {};
  draft.call.query.emplace_back("scope", found->scope);
  if (!found->name.empty()) draft.call.query.emplace_back("name", found->name);
  return {};
}

// --month 150 --day 20 → [{"period": "month", "enforcement": "hard", "limit_usd": "150"}, …]
std::vector<Parameter> with_limits(std::vector<Parameter> parameters) {
  for (const char* period : {"day", "week", "month", "quarter", "year"}) {
    parameters.push_back(own(std::string("--") + period, period,
                             fmt::format("a hard cap for each {}, in USD", period), Kind::amount));
  }
  return parameters;
}

Result<void> put_limits(const Given& given, Draft& draft) {
  json::array caps;
  for (const char* period : {"day", "week", "month", "quarter", "year"}) {
    if (!given.has(period)) continue;
    Result<Nanos> limit = parse_usd(given.one(period));
    if (!limit) {
      return Error{"bad_amount", fmt::format("--{} must be an amount in USD, such as 150; it is "
                                             "\"{}\"",
                                             period, given.one(period))};
    }
    caps.push_back(json::object{
        {"period", period}, {"enforcement", "hard"}, {"limit_usd", format_usd(*limit)}});
  }
  if (caps.empty()) return {};
  if (draft.body.is_null()) draft.body = json::object();
  draft.body.as_object()["caps"] = std::move(caps);
  return {};
}

}  // namespace purser::main
