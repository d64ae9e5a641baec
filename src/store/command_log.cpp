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

std::int64_t in_nanoseconds(Instant at) { return at.time_since_epoch().count(); }

std::string steps_json(const Writer& writer) { return "[" + writer.steps + "]"; }

std::string outcome_json(const Writer& writer, const CommandResult& result) {
  std::vector<std::string> accounts;
  for (const ledger::Account& account : result.accounts)
    accounts.push_back(JsonObject()
                           .add("cap", to_text("cap", account.cap))
                           .add("cycle_start", in_nanoseconds(account.cycle_start))
                           .add("cycle_end", in_nanoseconds(account.cycle_end))
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
      .add_json("steps", steps_json(writer))
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
                     outcome_json(writer, result));
}

void log_settle(Writer& writer, const SettleRequest& request, const CommandResult& result) {
  writer.log_command("settle",
                     JsonObject()
                         .add("request", to_text("req", request.request))
                         .add("cost_nanos", request.cost.count())
                         .add("in_full", request.in_full)
                         .add("flags", static_cast<std::int64_t>(request.flags))
                         .text(),
                     outcome_json(writer, result));
}

void log_expire(Writer& writer, const Id& request, const CommandResult& result) {
  writer.log_command("expire", JsonObject().add("request", to_text("req", request)).text(),
                     outcome_json(writer, result));
}

void log_change(Writer& writer, const Result<void>& outcome) {
  if (!outcome) writer.steps.clear();  // all of it was undone
  writer.log_command("change", "{}",
                     JsonObject()
                         .add("error", outcome ? "" : outcome.error().code)
                         .add_json("steps", steps_json(writer))
                         .text());
}

void log_open_cycle(Writer& writer, const ledger::Account& account) {
  log_step(writer, JsonObject()
                       .add("do", "open_cycle")
                       .add("cap", to_text("cap", account.cap))
                       .add("cycle_start", in_nanoseconds(account.cycle_start))
                       .add("cycle_end", in_nanoseconds(account.cycle_end)));
}

void log_set_cap(Writer& writer, const Id& cap, const CapSpec& spec) {
  log_step(writer, JsonObject()
                       .add("do", "set_cap")
                       .add("cap", to_text("cap", cap))
                       .add("scope", scope_id_text(spec.scope))
                       .add("period", name(spec.period))
                       .add("enforcement", name(spec.enforcement))
                       .add("limit_nanos", spec.limit.count()));
}

void log_ledger_step(Writer& writer, const ledger::Command& command) {
  JsonObject json;
  json.add("do", ledger::name(command));
  const auto add_until = [&](const std::optional<Instant>& until) {
    if (until) json.add("until", in_nanoseconds(*until));
  };
  if (const auto* end = std::get_if<ledger::EndCap>(&command)) {
    json.add("cap", to_text("cap", end->cap));
  } else if (const auto* raise = std::get_if<ledger::Raise>(&command)) {
    json.add("cap", to_text("cap", raise->cap)).add("limit_nanos", raise->limit.count());
    add_until(raise->until);
  } else if (const auto* end_raise = std::get_if<ledger::EndRaise>(&command)) {
    json.add("cap", to_text("cap", end_raise->cap));
  } else if (const auto* move = std::get_if<ledger::Reallocate>(&command)) {
    json.add("from", to_text("cap", move->from))
        .add("to", to_text("cap", move->to))
        .add("amount_nanos", move->amount.count());
    add_until(move->until);
  } else if (const auto* stop = std::get_if<ledger::Stop>(&command)) {
    json.add("scope", scope_id_text(stop->scope));
  } else if (const auto* resume = std::get_if<ledger::Resume>(&command)) {
    json.add("scope", scope_id_text(resume->scope));
  }
  log_step(writer, json);
}

void log_adjust(Writer& writer, const Id& request, Nanos delta) {
  log_step(writer, JsonObject()
                       .add("do", "adjust")
                       .add("request", to_text("req", request))
                       .add("delta_nanos", delta.count()));
}

void log_overspent(Writer& writer, std::string_view price_id, bool overspent) {
  log_step(writer, JsonObject()
                       .add("do", overspent ? "overspend" : "clear_overspend")
                       .add("price_id", price_id));
}

void log_identity(Writer& writer, const Id& key, std::optional<std::int64_t> version, bool usable) {
  JsonObject json;
  json.add("do", "identity").add("key", to_text("key", key));
  if (version) json.add("version", *version);
  log_step(writer, json.add("usable", usable));
}

void log_step(Writer& writer, const JsonObject& step) {
  if (!writer.command_log) return;
  if (!writer.steps.empty()) writer.steps.push_back(',');
  writer.steps += step.text();
}

}  // namespace purser::store
