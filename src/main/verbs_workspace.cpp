// import, prices, settings, clock.
#include <fmt/format.h>

#include <boost/json.hpp>

#include "call_verb.h"
#include "purser/base/money.h"
#include "table.h"
#include "verb_parts.h"

namespace purser::main {

namespace {

namespace json = boost::json;

std::string text_at(const json::value& value, std::string_view path) {
  return shown(member_at(value, path), Show::text);
}

std::string print_import(const json::value& answer) {
  Table table({{"LINE", Align::right}, {"E-MAIL"}, {"RESULT"}, {"KEY OR PROBLEM"}});
  if (const json::value* rows = member_at(answer, "rows"); rows && rows->is_array()) {
    for (const json::value& row : rows->as_array()) {
      const std::string problem = text_at(row, "error.message");
      table.add({text_at(row, "line"), text_at(row, "email"), text_at(row, "result"),
                 problem.empty() ? text_at(row, "key") : problem});
    }
  }
  std::string out = table.empty() ? "the file has no rows\n" : table.text();
  return out + fmt::format("{}{} added, {} there already, {} failed\n",
                           text_at(answer, "dry_run") == "yes" ? "dry run, nothing changed: " : "",
                           text_at(answer, "added"), text_at(answer, "exist"),
                           text_at(answer, "failed"));
}

bool has_failed_rows(const json::value& answer) {
  const std::string failed = text_at(answer, "failed");
  return !failed.empty() && failed != "0";
}

void add_import_verb(std::vector<Verb>& verbs) {
  Verb verb{{"import"},
            "Add many people from a CSV file: name, email, team, role, template, cap_usd, project",
            "POST",
            "/api/v1/import",
            {{"FILE", "file", "the CSV file; - for standard input", Where::file, Kind::text, true},
             in_query("--dry-run", "dry_run", "only say what it would do", Kind::flag),
             in_query("--keys", "make_keys", "make a key for each, and print it", Kind::flag),
             reason_in_query()},
            "",
            {},
            ""};
  verb.prepare = [](const Given&, Draft& draft) -> Result<void> {
    draft.call.content_type = "text/csv";
    return {};
  };
  verb.print = print_import;
  verb.has_failures = has_failed_rows;
  verbs.push_back(std::move(verb));
}

// "openai/gpt-5" → provider "openai", model "gpt-5".
Result<void> put_model(const Given& given, Draft& draft) {
  const std::string model = given.one("model");
  const std::size_t slash = model.find('/');
  if (slash == std::string::npos || slash == 0 || slash + 1 == model.size()) {
    return Error{"bad_model", fmt::format("name the model with its provider, such as "
                                          "openai/gpt-5; it is \"{}\"",
                                          model)};
  }
  if (draft.body.is_null()) draft.body = json::object();
  draft.body.as_object()["provider"] = model.substr(0, slash);
  draft.body.as_object()["model"] = model.substr(slash + 1);
  return {};
}

void add_price_verbs(std::vector<Verb>& verbs) {
  const std::vector<Column> columns{{"MODEL", "id"},
                                    {"INPUT", "rates.input_usd_per_million", Show::amount},
                                    {"CACHED", "rates.cached_input_usd_per_million", Show::amount},
                                    {"OUTPUT", "rates.output_usd_per_million", Show::amount},
                                    {"WINDOW", "context_window_tokens", Show::count},
                                    {"MOST OUTPUT", "max_output_tokens", Show::count},
                                    {"FROM (UTC)", "from", Show::time}};
  std::vector<Column> override_columns = columns;
  override_columns.insert(override_columns.begin() + 1, {"FOR", "model"});
  verbs.push_back({{"prices", "list"},
                   "List what models cost, in USD for a million tokens",
                   "GET",
                   "/api/v1/prices",
                   with_page({in_query("--search", "search", "a part of provider/model")}),
                   "items",
                   columns,
                   ""});
  Verb negotiated{{"prices", "overrides"},
                  "List negotiated prices",
                  "GET",
                  "/api/v1/prices",
                  {in_query("--search", "search", "a part of provider/model")},
                  "items",
                  override_columns,
                  ""};
  negotiated.prepare = [](const Given&, Draft& draft) -> Result<void> {
    draft.call.query.emplace_back("overrides", "true");
    return {};
  };
  verbs.push_back(std::move(negotiated));

  const auto rate = [](const char* flag, const char* key) {
    return in_body(flag, fmt::format("{}_usd_per_million", key), "USD for a million tokens",
                   Kind::amount);
  };
  Verb set{
      {"prices", "set"},
      "Set a negotiated price, or a limit that the price book lacks",
      "PUT",
      "/api/v1/prices",
      {required(own("MODEL", "model", "with its provider: openai/gpt-5")), rate("--input", "input"),
       rate("--cached-input", "cached_input"), rate("--cache-write-5m", "cache_write_5m"),
       rate("--cache-write-1h", "cache_write_1h"), rate("--output", "output"),
       in_body("--web-search", "web_search_usd_per_call", "USD for one", Kind::amount),
       in_body("--context-window", "context_window_tokens", "tokens", Kind::integer),
       in_body("--max-output", "max_output_tokens", "tokens", Kind::integer),
       in_body("--from", "from", "from this date or instant on (default: now)"), reason_in_body()},
      "",
      override_columns,
      ""};
  set.prepare = put_model;
  verbs.push_back(std::move(set));
  verbs.push_back({{"prices", "end"},
                   "End a negotiated price",
                   "DELETE",
                   "/api/v1/prices/{override}",
                   {in_path("ID", "override", "its id, from prices overrides"), reason_in_query()},
                   "",
                   {},
                   "{override} has ended"});
}

Result<void> prepare_settings(const Given& given, Draft& draft) {
  if (given.has("allow") && given.has("forbid")) {
    return Error{"two_answers", "give --allow-uncapped or --forbid-uncapped, not both"};
  }
  if (given.has("grant-own") && given.has("no-grant-own")) {
    return Error{"two_answers", "give --grant-own-requests or --no-own-requests, not both"};
  }
  if (given.has("finance-alerts") && given.has("no-finance-alerts")) {
    return Error{"two_answers", "give --finance-alerts or --no-finance-alerts, not both"};
  }
  if (draft.body.is_null()) draft.body = json::object();
  if (given.has("early-alerts") && given.has("no-early-alerts"))
    return Error{"two_answers", "give --early-alerts or --no-early-alerts, not both"};
  if (given.has("early-alerts")) draft.body.as_object()["early_pace_alerts"] = true;
  if (given.has("no-early-alerts")) draft.body.as_object()["early_pace_alerts"] = false;
  if (given.has("finance-alerts")) draft.body.as_object()["finance_alerts"] = true;
  if (given.has("no-finance-alerts")) draft.body.as_object()["finance_alerts"] = false;
  if (given.has("allow")) draft.body.as_object()["allow_uncapped"] = true;
  if (given.has("forbid")) draft.body.as_object()["allow_uncapped"] = false;
  if (given.has("grant-own")) draft.body.as_object()["grant_own_requests"] = true;
  if (given.has("no-grant-own")) draft.body.as_object()["grant_own_requests"] = false;
  return {};
}

void add_setting_verbs(std::vector<Verb>& verbs) {
  verbs.push_back(
      {{"settings", "show"}, "Show the settings", "GET", "/api/v1/settings", {}, "", {}, ""});
  verbs.push_back(
      {{"settings", "set"},
       "Change settings",
       "PATCH",
       "/api/v1/settings",
       {in_body("--name", "name", "the workspace's name"),
        in_body("--zone", "zone", "the time zone in which days begin, such as Europe/Berlin"),
        in_body("--cycle-day", "cycle_day", "the day on which months begin, 1 to 28",
                Kind::integer),
        in_body("--first-weekday", "first_weekday", "1 Monday to 7 Sunday", Kind::integer),
        in_body("--first-month", "first_month", "of the fiscal year, 1 to 12", Kind::integer),
        in_body("--admin-contact", "admin_contact", "whom refusals tell people to ask"),
        own("--allow-uncapped", "allow", "let requests through to which no hard cap applies",
            Kind::flag),
        own("--forbid-uncapped", "forbid", "refuse them, as is the default", Kind::flag),
        own("--grant-own-requests", "grant-own",
            "let an admin grant their own raise requests, where there is but one", Kind::flag),
        own("--no-own-requests", "no-grant-own", "do not, as is the default", Kind::flag),
        own("--finance-alerts", "finance-alerts", "let finance hear of alerts too", Kind::flag),
        own("--no-finance-alerts", "no-finance-alerts", "do not, as is the default", Kind::flag),
        own("--early-alerts", "early-alerts",
            "tell when the forecast says that a cap runs out early", Kind::flag),
        own("--no-early-alerts", "no-early-alerts", "do not, as is the default", Kind::flag),
        reason_in_body()},
       "",
       {},
       "",
       prepare_settings});
  verbs.push_back(
      {{"clock", "show"}, "Show the ledger's clock", "GET", "/api/v1/clock", {}, "", {}, ""});
  verbs.push_back({{"clock", "accept"},
                   "Accept the system's clock after a jump",
                   "POST",
                   "/api/v1/clock/accept",
                   {reason_in_body()},
                   "",
                   {},
                   "the clock is accepted; requests go on"});
}

}  // namespace

std::vector<Verb> workspace_verbs() {
  std::vector<Verb> verbs;
  add_import_verb(verbs);
  add_price_verbs(verbs);
  add_setting_verbs(verbs);
  return verbs;
}

std::vector<Verb> all_verbs() {
  std::vector<Verb> verbs;
  for (const auto& group :
       {request_verbs(), cap_verbs(), rule_verbs(), raise_verbs(), alert_verbs(), audit_verbs(),
        people_verbs(), key_verbs(), workspace_verbs()}) {
    verbs.insert(verbs.end(), group.begin(), group.end());
  }
  return verbs;
}

}  // namespace purser::main
