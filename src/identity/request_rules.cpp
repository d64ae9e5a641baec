#include "purser/identity/request_rules.h"

#include <algorithm>

#include "audit_json.h"
#include "purser/identity/scope_names.h"

namespace purser::identity {
namespace {

using ledger::Scope;
using ledger::ScopeKind;

constexpr std::size_t kMaxModelBytes = 500;

std::string models_json(const std::vector<std::string>& models) {
  std::string list;
  for (const std::string& model : models) list += (list.empty() ? "" : ",") + json_text(model);
  return "[" + list + "]";
}

// No pattern has a space in it.
std::vector<std::string> words_of(std::string_view text) {
  std::vector<std::string> words;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(' '), text.size());
    words.emplace_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return words;
}

constexpr std::string_view kSelect =
    "SELECT scope_kind, scope_id, max_request_nanos, models IS NOT NULL, (SELECT "
    "group_concat(value, ' ') FROM json_each(models)) FROM request_rules WHERE workspace = ?1";

RequestRule rule_of(const store::Row& row) {
  RequestRule rule;
  if (!row.is_null(2)) rule.max_request = row.nanos(2);
  if (row.boolean(3)) rule.models = words_of(row.text(4));
  return rule;
}

std::string audit_json(const RequestRule& rule) {
  AuditJson text;
  if (rule.max_request) text.text("max_request_usd", format_usd(*rule.max_request));
  if (rule.models) text.raw("models", models_json(*rule.models));
  return text.str();
}

Result<void> check(const Scope& scope, const RequestRule& rule) {
  if (!may_have_rule(scope.kind)) {
    return Error{"bad_scope",
                 "A rule on single requests is of the workspace, a team, a user or a key."};
  }
  if (rule.max_request && (*rule.max_request < Nanos{0} || *rule.max_request > kMaxAmount))
    return Error{"bad_amount",
                 "The most for one request is from 0 to USD " + format_usd(kMaxAmount) + "."};
  if (!rule.models) return {};
  if (rule.models->size() > kMaxModelPatterns)
    return Error{"bad_models", "There can be at most 200 patterns of models; `*` stands for any."};
  for (const std::string& pattern : *rule.models) {
    if (pattern.empty() || pattern.size() > kMaxModelPatternBytes)
      return Error{"bad_models", "A pattern of models has 1 to 200 bytes."};
    for (const char c : pattern)
      if (static_cast<unsigned char>(c) <= ' ' || c == 0x7F)
        return Error{"bad_models", "A pattern of models holds no spaces or control characters."};
  }
  return {};
}

}  // namespace

bool may_have_rule(ScopeKind kind) {
  return kind == ScopeKind::workspace || kind == ScopeKind::team || kind == ScopeKind::user ||
         kind == ScopeKind::key;
}

RequestRules read_request_rules(store::Sql& sql, const Id& workspace) {
  RequestRules rules;
  sql.each(kSelect, {workspace}, [&](const store::Row& row) {
    rules[{static_cast<ScopeKind>(row.integer(0)), row.id(1)}] = rule_of(row);
  });
  return rules;
}

RequestRule load_request_rule(store::Sql& sql, const Id& workspace, const Scope& scope) {
  RequestRule rule;
  sql.each(std::string(kSelect) + " AND scope_kind = ?2 AND scope_id = ?3",
           {workspace, static_cast<int>(scope.kind), scope.id},
           [&](const store::Row& row) { rule = rule_of(row); });
  return rule;
}

Result<void> set_request_rule(store::Change& change, const Scope& scope, RequestRule rule,
                              const ChangedBy& by) {
  if (auto checked = check(scope, rule); !checked) return checked;
  const RequestRule before = load_request_rule(change.sql(), change.workspace(), scope);
  if (before == rule) return {};
  const int kind = static_cast<int>(scope.kind);
  if (rule == RequestRule{}) {
    change.sql().run(
        "DELETE FROM request_rules WHERE workspace = ?1 AND scope_kind = ?2 AND scope_id = ?3",
        {change.workspace(), kind, scope.id});
  } else {
    const store::Param most = rule.max_request ? store::Param(*rule.max_request) : nullptr;
    const std::string text = rule.models ? models_json(*rule.models) : "";
    const store::Param models = rule.models ? store::Param(text) : nullptr;
    change.sql().run(
        "INSERT INTO request_rules (workspace, scope_kind, scope_id, max_request_nanos, models) "
        "VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT DO UPDATE SET max_request_nanos = ?4, models = ?5",
        {change.workspace(), kind, scope.id, most, models});
  }
  change.audit({by.actor, "rules.set", scope_target(change.sql(), change.workspace(), scope),
                audit_json(before), audit_json(rule), by.reason});
  return {};
}

bool matches_pattern(std::string_view pattern, std::string_view text) {
  std::size_t p = 0, t = 0;
  // Where the last `*` stands, and how much of the text it has taken.
  std::size_t star = std::string_view::npos, taken = 0;
  while (t < text.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      taken = t;
    } else if (p < pattern.size() && pattern[p] == text[t]) {
      ++p;
      ++t;
    } else if (star != std::string_view::npos) {
      p = star + 1;
      t = ++taken;
    } else {
      return false;
    }
  }
  return pattern.find_first_not_of('*', p) == std::string_view::npos;
}

bool allows_model(const std::vector<std::string>& patterns, std::string_view provider,
                  std::string_view model) {
  // No model is called so; what is that long would only cost time.
  if (model.size() > kMaxModelBytes) return false;
  const std::string whole = std::string(provider) + "/" + std::string(model);
  for (const std::string& pattern : patterns)
    if (matches_pattern(pattern, model) || matches_pattern(pattern, whole)) return true;
  return false;
}

std::optional<Scope> forbidding(const RequestRules& rules, const ledger::ScopeList& scopes,
                                std::string_view provider, std::string_view model) {
  if (rules.empty()) return std::nullopt;
  for (const Scope& scope : scopes) {
    const auto found = rules.find(scope);
    if (found != rules.end() && found->second.models &&
        !allows_model(*found->second.models, provider, model))
      return scope;
  }
  return std::nullopt;
}

std::optional<RequestCeiling> request_ceiling(const RequestRules& rules,
                                              const ledger::ScopeList& scopes) {
  std::optional<RequestCeiling> smallest;
  if (rules.empty()) return smallest;
  for (const Scope& scope : scopes) {
    const auto found = rules.find(scope);
    if (found == rules.end() || !found->second.max_request) continue;
    if (!smallest || *found->second.max_request < smallest->amount)
      smallest = RequestCeiling{*found->second.max_request, scope};
  }
  return smallest;
}

}  // namespace purser::identity
