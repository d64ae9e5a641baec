// GET /api/v1/caps/{cap}/case: what whoever decides on a raise wants to know.
#include <algorithm>
#include <cmath>

#include "cap_lookup.h"
#include "exposure_input.h"
#include "handlers.h"
#include "purser/identity/memberships.h"
#include "purser/reports/breakdown.h"
#include "purser/reports/pace.h"
#include "purser/reports/raise_case.h"
#include "purser/reports/words.h"
#include "scopes.h"
#include "shapes.h"

namespace purser::api {
namespace {

using ledger::ScopeKind;

// Narrower than who may read the balance: a case says what others spent.
bool may_see_case(const Sight& sight, store::Sql& sql, const Id& workspace,
                  const ledger::Scope& scope) {
  if (sight.everything) return true;
  switch (scope.kind) {
    case ScopeKind::team:
      return sight.leads(scope.id);
    case ScopeKind::user:
    case ScopeKind::membership:
    case ScopeKind::key:
    case ScopeKind::task:
      return sight.sees_scope(sql, workspace, scope);
    case ScopeKind::workspace:
    case ScopeKind::project:
    case ScopeKind::label:
      return false;
  }
  return false;
}

std::string subject_of(store::Sql& sql, const Id& workspace, const ledger::Scope& scope) {
  if (scope.kind == ScopeKind::workspace) return "the workspace";
  const std::string name = scope_name(sql, workspace, scope);
  return scope.kind == ScopeKind::user ? name : std::string(ledger::name(scope.kind)) + " " + name;
}

// Rounded down, as the sentences have it; a hair is added, since 0.8 as a quotient may be just
// below.
std::int64_t whole_percent(double part) {
  return static_cast<std::int64_t>(std::floor(std::min(part, 1e6) * 100 + 1e-9));
}

json::value pace_json(const ledger::Account& account, Instant now) {
  const auto pace = reports::pace_of(account, now);
  if (!pace) return nullptr;
  return json::object{{"state", reports::name(pace->state)},
                      {"cycle_percent", whole_percent(pace->cycle_part_gone)},
                      {"limit_percent", whole_percent(pace->limit_part_spent)},
                      {"text", reports::sentence(reports::pace_text(*pace))}};
}

json::value forecast_json(const std::optional<reports::ForecastInput>& input,
                          const std::optional<reports::Forecast>& forecast,
                          const ledger::Account& account) {
  if (!input || !forecast) return nullptr;
  return json::object{
      {"total_usd", usd_json(forecast->total)},
      {"low_usd", usd_json(forecast->low)},
      {"high_usd", usd_json(forecast->high)},
      {"straight_line_usd", usd_json(forecast->straight_line)},
      {"runs_out_at", instant_json(reports::instant_of_running_out(*input, account.limit))}};
}

json::array parts_json(const std::vector<reports::BreakdownPart>& parts) {
  json::array rows;
  for (const auto& part : parts) {
    rows.push_back(json::object{
        {"name", part.name}, {"cost_usd", usd_json(part.cost)}, {"percent", part.percent}});
  }
  return rows;
}

json::object breakdown_json(store::Sql& sql, const Id& workspace, const ledger::Account& account) {
  const auto found = reports::read_breakdown(sql, workspace, account.scope,
                                             {account.cycle_start, account.cycle_end});
  return {{"total_usd", usd_json(found.total)},
          {"by_user", parts_json(found.by_user)},
          {"by_project", parts_json(found.by_project)},
          {"by_model", parts_json(found.by_model)}};
}

// The worst-case bill of the month now, and with each of these limits in the cap's cycle.
Result<json::object> exposure_json(const Call& call, store::Sql& sql, const store::CapStatus& cap,
                                   const std::vector<Nanos>& limits) {
  const auto calendar = call.store().calendar();
  const std::string month = calendar->month_name(call.store().ledger_now());
  const auto cycle = calendar->month_named(month);
  if (!cycle) return cycle.error();
  const ExposureRows rows(sql, call.workspace(), call.services.keys->directory()->workspace_name,
                          *cycle);
  const auto before = reports::compute_exposure(rows.input(), *calendar, month);
  if (!before) return before.error();
  json::array after;
  for (const Nanos limit : limits) {
    const ledger::Account& account = cap.account;
    const reports::ExposureInput raised =
        rows.with(cap.cap.id, {{account.cycle_start, account.cycle_end}, limit, {}, {}});
    const auto exposure = reports::compute_exposure(raised, *calendar, month);
    if (!exposure) return exposure.error();
    after.push_back(
        json::object{{"limit_usd", usd_json(limit)}, {"exposure_usd", usd_json(exposure->figure)}});
  }
  return json::object{{"month", month},
                      {"before_usd", usd_json(before->figure)},
                      {"exact", before->exact},
                      {"after", std::move(after)}};
}

Result<Reply> case_of(const Call& call, store::Sql& sql, const store::CapStatus& cap,
                      const std::optional<Nanos>& asked, bool with_exposure) {
  const Id& workspace = call.workspace();
  const ledger::Account& account = cap.account;
  const Instant now = call.store().ledger_now();
  const auto input =
      reports::read_forecast_input(sql, workspace, *call.store().calendar(), account, now);
  std::optional<reports::Forecast> forecast;
  if (input) forecast = reports::compute_forecast(*input);
  std::vector<Nanos> limits;
  json::array suggestions;
  for (const auto& one : reports::suggest_raises(account, forecast)) {
    suggestions.push_back(json::object{{"limit_usd", usd_json(one.limit)}, {"why", one.why}});
    limits.push_back(one.limit);
  }
  if (asked) limits.push_back(*asked);
  json::object body{{"cap", cap_json(sql, workspace, cap)},
                    {"subject", subject_of(sql, workspace, account.scope)},
                    {"pace", pace_json(account, now)},
                    {"forecast", forecast_json(input, forecast, account)},
                    {"breakdown", breakdown_json(sql, workspace, account)},
                    {"suggestions", std::move(suggestions)},
                    {"exposure", nullptr}};
  if (with_exposure) {
    auto exposure = exposure_json(call, sql, cap, limits);
    if (!exposure) return exposure.error();
    body["exposure"] = std::move(*exposure);
  }
  return Reply{std::move(body)};
}

}  // namespace

Result<Reply> get_cap_case(Call& call) {
  const auto asked = call.query.usd("limit_usd");
  if (auto query = call.query.finish(); !query) return query.error();
  const auto id = parse_cap_id(call.params[0]);
  if (!id) return id.error();
  return call.read([&](store::Sql& sql) -> Result<Reply> {
    const Sight sight = call.sight(sql);
    const auto status = cap_status(call, sql, *id);
    if (!sight.everything &&
        (!status || !may_see_case(sight, sql, call.workspace(), status->cap.scope))) {
      return forbidden("You may read the case of your own caps, and of those of teams you lead.");
    }
    if (!status) return status.error();
    return case_of(call, sql, *status, asked, sight.everything);
  });
}

}  // namespace purser::api
