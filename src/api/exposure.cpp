// GET /api/v1/exposure; the figure is computed by reports/.
#include "exposure_input.h"
#include "handlers.h"

namespace purser::api {
namespace {

std::string_view word(reports::ExposureScopeKind kind) {
  switch (kind) {
    case reports::ExposureScopeKind::workspace:
      return "workspace";
    case reports::ExposureScopeKind::team:
      return "team";
    case reports::ExposureScopeKind::membership:
      return "membership";
    case reports::ExposureScopeKind::user:
      return "user";
  }
  return "";
}

json::object exposure_json(const reports::Exposure& exposure) {
  json::array binding;
  for (const auto& one : exposure.binding) {
    binding.push_back(json::object{
        {"scope", word(one.kind)}, {"words", one.words}, {"allowed_usd", usd_json(one.allowed)}});
  }
  json::array unbounded;
  for (const auto& one : exposure.unbounded) {
    unbounded.push_back(
        json::object{{"user", one.user}, {"team", one.team}, {"command", one.command}});
  }
  return {{"month", exposure.month},
          {"from", instant_json(exposure.cycle.start)},
          {"to", instant_json(exposure.cycle.end)},
          {"exposure_usd", usd_json(exposure.figure)},
          {"exact", exposure.exact},
          {"beyond_ceiling", exposure.beyond_ceiling},
          {"spent_usd", usd_json(exposure.spent)},
          {"held_usd", usd_json(exposure.held)},
          {"binding", std::move(binding)},
          {"unbounded", std::move(unbounded)},
          {"summary", exposure.summary}};
}

}  // namespace

Result<Reply> get_exposure(Call& call) {
  std::string month = call.query.text("month");
  if (auto query = call.query.finish(); !query) return query.error();
  const auto calendar = call.store().calendar();
  if (month.empty()) month = calendar->month_name(call.store().ledger_now());
  const auto cycle = calendar->month_named(month);
  if (!cycle) return cycle.error();
  return call.read([&](store::Sql& sql) -> Result<Reply> {
    const ExposureRows rows(sql, call.workspace(), call.services.keys->directory()->workspace_name,
                            *cycle);
    const auto exposure = reports::compute_exposure(rows.input(), *calendar, month);
    if (!exposure) return exposure.error();
    return Reply{exposure_json(*exposure)};
  });
}

}  // namespace purser::api
