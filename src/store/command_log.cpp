#include "command_log.h"

#include "json_text.h"
#include "scope_text.h"

namespace purser::store {
namespace {

std::string json_list(const std::vector<std::string>& items) {
  std::string json = "[";
  for (const std::string& item : items) {
    if (json.size() > 1) json.push_back(',');
    json += item;
  }
  return json + "]";
}

std::string outcome_json(const CommandResult& result) {
  std::vector<std::string> accounts;
  for (const ledger::Account& account : result.accounts)
    accounts.push_back(JsonObject()
                           .add("cap", to_text("cap", account.cap))
                           .add("cycle_start", account.cycle_start)
                           .add("limit_nanos", account.limit.count())
                           .add("spent_nanos", account.spent.count())
                           .add("held_nanos", account.held.count())
                           .text());
  return JsonObject()
      .add("status", name(result.status))
      .add("decision", ledger::name(result.outcome.decision))
      .add("amount_nanos", result.outcome.amount.count())
      .add("form", static_cast<std::int64_t>(result.outcome.form))
      .add("overspend_nanos", result.outcome.overspend.count())
      .add("refusing", static_cast<std::int64_t>(result.outcome.refusing))
      .add("transitions", static_cast<std::int64_t>(result.outcome.transitions.size()))
      .add_json("accounts", json_list(accounts))
      .text();
}

}  // namespace

std::string_view name(StoreStatus status) {
  switch (status) {
    case StoreStatus::done:
      return "done";
    case StoreStatus::duplicate:
      return "duplicate";
    case StoreStatus::stale_identity:
      return "stale_identity";
    case StoreStatus::unknown_request:
      return "unknown_request";
    case StoreStatus::clock_in_doubt:
      return "clock_in_doubt";
    case StoreStatus::not_durable:
      return "not_durable";
    case StoreStatus::shutting_down:
      return "shutting_down";
  }
  return "unknown";
}

void log_reserve(Writer& writer, const ReserveRequest& request, const CommandResult& result) {
  const ledger::Reserve& reserve = request.reserve;
  std::vector<std::string> scopes, forms;
  for (const ledger::Scope& scope : reserve.scopes)
    scopes.push_back(json_string(scope_id_text(scope)));
  for (const Nanos form : reserve.forms) forms.push_back(std::to_string(form.count()));
  writer.log_command("reserve",
                     JsonObject()
                         .add("request", to_text("req", reserve.request))
                         .add_json("scopes", json_list(scopes))
                         .add_json("forms_nanos", json_list(forms))
                         .add("smallest_nanos", reserve.smallest.count())
                         .add("free", reserve.free)
                         .add("allow_uncapped", reserve.allow_uncapped)
                         .add("share_divisor", reserve.share_divisor)
                         .add("identity_version", request.identity_version)
                         .text(),
                     outcome_json(result));
}

void log_settle(Writer& writer, const SettleRequest& request, const CommandResult& result) {
  writer.log_command("settle",
                     JsonObject()
                         .add("request", to_text("req", request.request))
                         .add("cost_nanos", request.cost.count())
                         .add("in_full", request.in_full)
                         .add("flags", static_cast<std::int64_t>(request.flags))
                         .text(),
                     outcome_json(result));
}

void log_change(Writer& writer, const Result<void>& outcome) {
  writer.log_command("change", "{}",
                     JsonObject().add("error", outcome ? "" : outcome.error().code).text());
}

}  // namespace purser::store
