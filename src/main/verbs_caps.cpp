// cap, stop, resume, overspend.
#include <fmt/format.h>

#include <boost/json.hpp>

#include "call_verb.h"
#include "cap_case_text.h"
#include "purser/base/money.h"
#include "table.h"
#include "verb_parts.h"

namespace purser::main {

namespace {

namespace json = boost::json;

constexpr const char* kPeriods[] = {"day", "week", "month", "quarter", "year"};

const std::vector<Column> kCapColumns{{"SCOPE", "scope"},
                                      {"NAME", "name"},
                                      {"PERIOD", "period"},
                                      {"KIND", "enforcement"},
                                      {"LIMIT", "limit_usd", Show::amount},
                                      {"SPENT", "spent_usd", Show::amount},
                                      {"HELD", "held_usd", Show::amount},
                                      {"REMAINING", "remaining_usd", Show::amount},
                                      {"RESETS (UTC)", "resets_at", Show::time},
                                      {"RAISED UNTIL", "raise.until", Show::time},
                                      {"PAUSED", "paused", Show::yes},
                                      {"ID", "id"}};

// --month 5000: which period's cap is meant, and its limit.
struct PeriodLimit {
  std::string period;  // empty: none was given
  std::string limit_usd;
};

std::vector<Parameter> with_periods(std::vector<Parameter> parameters, const char* help) {
  for (const char* period : kPeriods) {
    parameters.push_back(
        own(std::string("--") + period, period, fmt::format(fmt::runtime(help), period)));
  }
  parameters.push_back(own("--total", "none", "of a task's cap, which has no period"));
  parameters.push_back(
      own("--watch", "watch", "the cap that alerts but stops nothing", Kind::flag));
  return parameters;
}

Result<PeriodLimit> period_given(const Given& given) {
  PeriodLimit found;
  for (const char* period : {"day", "week", "month", "quarter", "year", "none"}) {
    if (!given.has(period)) continue;
    if (!found.period.empty()) {
      return Error{"two_periods", "give one period at a time: a cap has one"};
    }
    Result<Nanos> limit = parse_usd(given.one(period));
    if (!limit) {
      return Error{"bad_amount", fmt::format("\"{}\" is no amount in USD; write 150 or 12.50",
                                             given.one(period))};
    }
    found = {period, format_usd(*limit)};
  }
  if (found.period.empty()) {
    return Error{"no_period", "say the period and its limit, such as --month 5000"};
  }
  return found;
}

Result<void> prepare_set(const Given& given, Draft& draft) {
  if (auto put = put_scope_into_body(given, draft); !put) return put;
  Result<PeriodLimit> limit = period_given(given);
  if (!limit) return limit.error();
  json::object& body = draft.body.as_object();
  body["period"] = limit->period;
  body["limit_usd"] = limit->limit_usd;
  body["enforcement"] = given.has("watch") ? "watch" : "hard";
  return {};
}

// The id of the one cap of this scope, period and enforcement.
Result<std::string> find_cap_of(const ScopeName& scope, const Given& given, const Fetch& fetch,
                                const std::string& period) {
  ApiCall list{"GET", "/api/v1/caps", {{"scope", scope.scope}}, ""};
  if (!scope.name.empty()) list.query.emplace_back("name", scope.name);
  const Result<json::value> answer = fetch(list);
  if (!answer) return answer.error();
  const char* enforcement = given.has("watch") ? "watch" : "hard";
  const json::value* items = member_at(*answer, "items");
  if (items != nullptr && items->is_array()) {
    for (const json::value& cap : items->as_array()) {
      if (shown(member_at(cap, "period"), Show::text) == period &&
          shown(member_at(cap, "enforcement"), Show::text) == enforcement) {
        return shown(member_at(cap, "id"), Show::text);
      }
    }
  }
  return Error{
      "no_cap",
      fmt::format("there is no {} {} cap of {}{}{}; `purser cap list` shows those that "
                  "there are",
                  enforcement, period, scope.scope, scope.name.empty() ? "" : "/", scope.name)};
}

Result<std::string> find_cap(const Given& given, const Fetch& fetch, const std::string& period) {
  const Result<ScopeName> scope = scope_given(given);
  if (!scope) return scope.error();
  if (scope->scope.empty()) {
    return Error{"no_scope",
                 "say whose cap: --team NAME, --user EMAIL or another scope (--help lists them)"};
  }
  return find_cap_of(*scope, given, fetch, period);
}

void put_cap_into_path(Draft& draft, const std::string& id) {
  const std::string place = "{cap}";
  const std::size_t at = draft.call.path.find(place);
  if (at != std::string::npos) draft.call.path.replace(at, place.size(), percent_encode(id));
}

// By its id, or by its scope and --period.
Result<void> find_named(const Given& given, const Fetch& fetch, Draft& draft) {
  if (given.has("id")) {
    put_cap_into_path(draft, given.one("id"));
    return {};
  }
  Result<std::string> id =
      find_cap(given, fetch, given.has("period") ? given.one("period") : "month");
  if (!id) return id.error();
  put_cap_into_path(draft, *id);
  return {};
}

Result<void> prepare_raise(const Given& given, Draft& draft) {
  Result<PeriodLimit> limit = period_given(given);
  if (!limit) return limit.error();
  if (auto put = put_until(given, draft); !put) return put;
  draft.body.as_object()["limit_usd"] = limit->limit_usd;
  return {};
}

Result<void> find_raised(const Given& given, const Fetch& fetch, Draft& draft) {
  Result<PeriodLimit> limit = period_given(given);
  if (!limit) return limit.error();
  Result<std::string> id = find_cap(given, fetch, limit->period);
  if (!id) return id.error();
  put_cap_into_path(draft, *id);
  return {};
}

// "team/engineering" as the audit trail writes it, "workspace", or a cap's id.
Result<void> find_moved(const Given& given, const Fetch& fetch, Draft& draft) {
  const std::string period = given.has("period") ? given.one("period") : "month";
  for (const char* end : {"from", "to"}) {
    std::string id = given.one(end);
    if (!id.starts_with("cap_")) {
      const std::size_t slash = id.find('/');
      const ScopeName scope{id.substr(0, slash),
                            slash == std::string::npos ? "" : id.substr(slash + 1)};
      Result<std::string> found = find_cap_of(scope, given, fetch, period);
      if (!found) return found.error();
      id = std::move(*found);
    }
    draft.body.as_object()[end] = id;
  }
  draft.call.body = json::serialize(draft.body);
  return {};
}

void add_cap_verbs(std::vector<Verb>& verbs) {
  verbs.push_back({{"cap", "set"},
                   "Set a cap: cap set --team engineering --month 5000",
                   "PUT",
                   "/api/v1/caps",
                   with_scope(with_periods({reason_in_body()}, "the limit for each {}, in USD")),
                   "",
                   kCapColumns,
                   "",
                   prepare_set});
  verbs.push_back({{"cap", "list"},
                   "List caps with what is left",
                   "GET",
                   "/api/v1/caps",
                   with_scope(with_page({})),
                   "items",
                   kCapColumns,
                   "",
                   put_scope_into_query});
  const std::vector<Parameter> one{
      own("ID", "id", "its id, from cap list"),
      own("--period", "period", "with a scope: which (month)"),
      own("--watch", "watch", "with a scope: the watch cap", Kind::flag)};
  std::vector<Parameter> asked = one;
  asked.push_back(
      in_query("--limit", "limit_usd", "the worst-case bill with this limit, too", Kind::amount));
  verbs.push_back({{"cap", "case"},
                   "Show the case for a raise: pace, who consumed what, limits to choose from",
                   "GET",
                   "/api/v1/caps/{cap}/case",
                   with_scope(asked),
                   "",
                   {},
                   "",
                   {},
                   find_named,
                   cap_case_text});
  std::vector<Parameter> named = one;
  named.push_back(reason_in_query());
  verbs.push_back({{"cap", "end"},
                   "End a cap, by its id or by scope and period",
                   "DELETE",
                   "/api/v1/caps/{cap}",
                   with_scope(named),
                   "",
                   {},
                   "the cap has ended",
                   {},
                   find_named});
  verbs.push_back({{"cap", "raise"},
                   "Lift a limit for this cycle: cap raise --user ana@example.com --month 200",
                   "POST",
                   "/api/v1/caps/{cap}/raise",
                   with_scope(with_periods(
                       {own("--until", "until", "until a date, such as 2026-12-24"),
                        own("--for-good", "for-good", "for good", Kind::flag), reason_in_body()},
                       "the new limit of the {}'s cap, in USD")),
                   "",
                   kCapColumns,
                   "",
                   prepare_raise,
                   find_raised});
  verbs.push_back({{"cap", "end-raise"},
                   "Take a raise back",
                   "DELETE",
                   "/api/v1/caps/{cap}/raise",
                   with_scope(named),
                   "",
                   kCapColumns,
                   "",
                   {},
                   find_named});
  verbs.push_back(
      {{"cap", "move"},
       "Move limit to another cap: cap move team/engineering team/marketing 500",
       "POST",
       "/api/v1/caps/reallocate",
       {required(own("FROM", "from", "the cap that gives: team/engineering, or its id")),
        required(own("TO", "to", "the cap that gets: user/ana@example.com, or its id")),
        required(in_body("AMOUNT", "amount_usd", "USD", Kind::amount)),
        own("--period", "period", "with names: whose caps (month)"),
        own("--watch", "watch", "with names: the watch caps", Kind::flag),
        own("--until", "until", "until a date, such as 2026-12-24 (default: this cycle)"),
        own("--for-good", "for-good", "for good", Kind::flag), reason_in_body()},
       "",
       {},
       "moved {amount_usd} USD of limit",
       put_until,
       find_moved});
}

void add_stop_verbs(std::vector<Verb>& verbs) {
  verbs.push_back({{"stop"},
                   "Stop a scope by hand, until `resume`: stop --team marketing",
                   "POST",
                   "/api/v1/stop",
                   with_scope({required(reason_in_body())}),
                   "",
                   {},
                   "stopped; `purser resume` with the same scope ends it",
                   put_scope_into_body});
  verbs.push_back({{"resume"},
                   "End a stop",
                   "POST",
                   "/api/v1/resume",
                   with_scope({reason_in_body()}),
                   "",
                   {},
                   "resumed",
                   put_scope_into_body});
  verbs.push_back({{"stops"},
                   "List what is stopped",
                   "GET",
                   "/api/v1/stops",
                   {},
                   "items",
                   {{"SCOPE", "scope"}, {"NAME", "name"}, {"WHY", "reason"}},
                   ""});
  verbs.push_back({{"overspend", "list"},
                   "List models billed above their bound; their bounds are doubled",
                   "GET",
                   "/api/v1/overspends",
                   {in_query("--all", "all", "those cleared too", Kind::flag)},
                   "items",
                   {{"MODEL", "model"},
                    {"REQUESTS", "requests", Show::count},
                    {"OVER BY", "overspend_usd", Show::amount},
                    {"DOUBLED", "bounds_doubled", Show::yes},
                    {"SINCE (UTC)", "since", Show::time}},
                   ""});
  verbs.push_back({{"overspend", "clear"},
                   "Let a model's bounds be single again",
                   "POST",
                   "/api/v1/overspends/clear",
                   {required(in_body("MODEL", "model", "such as openai/gpt-5")), reason_in_body()},
                   "",
                   {},
                   "{model} has its plain bounds again"});
}

}  // namespace

std::vector<Verb> cap_verbs() {
  std::vector<Verb> verbs;
  add_cap_verbs(verbs);
  add_stop_verbs(verbs);
  return verbs;
}

}  // namespace purser::main
