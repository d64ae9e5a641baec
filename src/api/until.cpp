#include "until.h"

#include "cap_lookup.h"
#include "times.h"

namespace purser::api {

Until Until::parse(Body& body, const Call& call) {
  Until until;
  const auto text = body.text("until");
  if (!text || *text == "cycle_end") return until;
  until.cycle_end = false;
  if (*text == "for_good") {
    until.for_good = true;
    return until;
  }
  const auto instant = parse_time(*text, *call.store().calendar());
  if (!instant) {
    body.fail(
        {"bad_time", "\"until\" is cycle_end, for_good or a time: " + instant.error().message});
  } else if (*instant <= call.store().ledger_now()) {
    body.fail({"bad_time", "\"until\" lies in the past: give a time to come."});
  } else {
    until.instant = *instant;
  }
  return until;
}

std::optional<Instant> Until::of(const store::CapStatus& cap) const {
  if (for_good) return std::optional<Instant>();
  if (!cycle_end) return std::optional<Instant>(instant);
  // A task's cap has one cycle, its life.
  if (cap.cap.period == Period::none) return std::optional<Instant>();
  return std::optional<Instant>(cap.account.cycle_end);
}

RaiseBody::RaiseBody(Body& body, const Call& call)
    : limit_(body.usd("limit_usd")), by_(body.usd("by_usd")), until_(Until::parse(body, call)) {
  if (limit_ && by_)
    body.fail({"bad_member", "Give \"limit_usd\" (the new limit) or \"by_usd\", not both."});
}

void RaiseBody::set_default(std::optional<Nanos> limit) {
  if (!limit_ && !by_) limit_ = limit;
}

Result<identity::RaiseTo> RaiseBody::of(const Call& call, const Id& cap) const {
  std::optional<Result<store::CapStatus>> status;
  call.store().read([&](store::Sql& sql) { status.emplace(cap_status(call, sql, cap)); });
  if (!*status) return status->error();
  if (!limit_ && !by_)
    return Error{"bad_member", "Give \"limit_usd\" (the new limit) or \"by_usd\", one of the two."};
  return identity::RaiseTo{limit_, by_, until_.of(**status)};
}

}  // namespace purser::api
