// Rules on a single request: how much it may be held for, and which models it may ask for. Set on
// the workspace, a team, a user or a key; all that apply to a request hold, so the smallest amount
// counts, and a model must be allowed by every list.
//
// A pattern is a model's name or has `*` for any bytes: "gpt-5*". It is held against the model as
// it goes to the provider ("gpt-5-mini") and with the provider before it ("openai/gpt-5-mini"), so
// "openai/*" allows one provider. Upper and lower case differ, as in models' names.
//
// Amounts are nanos. What is pure is thread-safe; the rest as `sql` and `change` are. A rule is in
// force for the next request once KeyRing::reload_directory() has run.
//
//   auto set = set_request_rule(change, {ScopeKind::team, team}, {usd(2), {{"gpt-5*"}}}, by);
//   if (auto scope = forbidding(rules, scopes, "openai", "gpt-5-mini")) …  // not allowed
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "purser/identity/changed_by.h"

namespace purser::identity {

inline constexpr std::size_t kMaxModelPatterns = 200;
inline constexpr std::size_t kMaxModelPatternBytes = 200;

struct RequestRule {
  std::optional<Nanos> max_request;                // the most that one request may be held for
  std::optional<std::vector<std::string>> models;  // patterns; empty: none is allowed
  bool operator==(const RequestRule&) const = default;
};

using RequestRules = std::unordered_map<ledger::Scope, RequestRule>;

bool may_have_rule(ledger::ScopeKind kind);  // workspace, team, user, key

RequestRules read_request_rules(store::Sql& sql, const Id& workspace);
RequestRule load_request_rule(store::Sql& sql, const Id& workspace, const ledger::Scope& scope);

// The whole rule; an empty one takes it away. Audited, unless it is as it was. Errors: bad_scope,
// bad_amount, bad_models (an empty pattern, one too long, too many).
Result<void> set_request_rule(store::Change& change, const ledger::Scope& scope, RequestRule rule,
                              const ChangedBy& by);

bool matches_pattern(std::string_view pattern, std::string_view text);
// Whether a list of patterns allows this model of this provider entry.
bool allows_model(const std::vector<std::string>& patterns, std::string_view provider,
                  std::string_view model);

// The first of the scopes, the widest first, whose rule does not allow the model; none: allowed.
std::optional<ledger::Scope> forbidding(const RequestRules& rules, const ledger::ScopeList& scopes,
                                        std::string_view provider, std::string_view model);

struct RequestCeiling {
  Nanos amount;
  ledger::Scope scope;  // whose rule it is
};
// The smallest; none: no rule says one.
std::optional<RequestCeiling> request_ceiling(const RequestRules& rules,
                                              const ledger::ScopeList& scopes);

}  // namespace purser::identity
