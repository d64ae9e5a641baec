#include "housekeeping.h"

#include <boost/json.hpp>

#include "purser/store/audit_trail.h"

namespace purser::alerts {
namespace {

constexpr std::int64_t kEndedAtOnce = 100;

struct EndedPause {
  Id cap;
  bool is_hard = true;  // else it stopped nothing, and there is nothing to tell
  ledger::Scope scope;
  Period period = Period::none;
  Instant cycle_start;
};

// Of caps whose cycle is over.
std::vector<EndedPause> ended_pauses(store::Sql& sql, const Id& workspace, Instant now) {
  std::vector<EndedPause> found;
  sql.each(
      "SELECT DISTINCT o.cap, c.enforcement, c.scope_kind, c.scope_id, o.cycle_start, c.period "
      "FROM outbox o "
      "JOIN caps c ON "
      "c.workspace = o.workspace AND c.id = o.cap JOIN accounts a ON a.workspace = o.workspace AND "
      "a.cap = o.cap AND a.cycle_start = o.cycle_start WHERE o.workspace = ?1 AND o.kind = 0 AND "
      "o.percent = 100 AND o.pause_over = 0 AND a.cycle_end <= ?2 LIMIT ?3",
      {workspace, now, kEndedAtOnce}, [&](const store::Row& row) {
        found.push_back(
            {row.id(0),
             static_cast<ledger::Enforcement>(row.integer(1)) == ledger::Enforcement::hard,
             {static_cast<ledger::ScopeKind>(row.integer(2)), row.id(3)},
             static_cast<Period>(row.integer(5)),
             row.instant(4)});
      });
  return found;
}

}  // namespace

void Housekeeping::run() {
  end_raises();
  end_pauses();
  tell_audit_head();
  early_pace_.run();
}

// A cap that is paused by it refuses without a write, so that no request would end the raise.
void Housekeeping::end_raises() {
  const Instant now = store_.ledger_now();
  bool any = false;
  store_.read([&](store::Sql& sql) {
    sql.each(
        "SELECT 1 FROM caps WHERE workspace = ?1 AND temporary_until <= ?2 AND ended_at IS NULL "
        "LIMIT 1",
        {store_.workspace(), now}, [&](const store::Row&) { any = true; });
  });
  if (!any) return;
  static_cast<void>(store_.change([](store::Change& change) -> Result<void> {
    change.end_lapsed_raises(static_cast<std::size_t>(kEndedAtOnce));
    return {};
  }));
}

void Housekeeping::end_pauses() {
  const Instant now = store_.ledger_now();
  bool any = false;
  store_.read([&](store::Sql& sql) { any = !ended_pauses(sql, store_.workspace(), now).empty(); });
  if (!any) return;
  static_cast<void>(store_.change([&](store::Change& change) -> Result<void> {
    for (const EndedPause& pause : ended_pauses(change.sql(), change.workspace(), now)) {
      const boost::json::object body{{"cap", to_text("cap", pause.cap)},
                                     {"scope", name(pause.scope.kind)},
                                     {"period", name(pause.period)},
                                     {"cycle_ended", true}};
      change.announce({store::EventKind::pause_ended,
                       pause.scope,
                       pause.cap,
                       {},
                       boost::json::serialize(body),
                       pause.cycle_start});
      change.sql().run(
          "UPDATE outbox SET pause_over = 1 WHERE workspace = ?1 AND cap = ?2 AND cycle_start = ?3 "
          "AND kind = 0 AND percent = 100 AND pause_over = 0",
          {change.workspace(), pause.cap, pause.cycle_start});
    }
    return {};
  }));
}

void Housekeeping::tell_audit_head() {
  const std::int64_t day =
      std::chrono::floor<std::chrono::days>(env_.utc_now()).time_since_epoch().count();
  if (day == told_day_) return;
  const auto done = store_.change([&](store::Change& change) -> Result<void> {
    bool told = false;
    change.sql().each(
        "SELECT 1 FROM outbox WHERE workspace = ?1 AND kind = ?2 AND made_at >= ?3 LIMIT 1",
        {change.workspace(), static_cast<int>(store::EventKind::audit_head),
         Instant{std::chrono::days(day)}},
        [&](const store::Row&) { told = true; });
    if (told) return {};
    const audit::Head head = store::read_audit_head(change.sql(), change.workspace());
    const boost::json::object body{{"sequence", std::to_string(head.sequence)},
                                   {"hash", audit::to_hex(head.hash)}};
    change.announce({store::EventKind::audit_head,
                     {ledger::ScopeKind::workspace, change.workspace()},
                     {},
                     {},
                     boost::json::serialize(body),
                     {}});
    return {};
  });
  if (done) told_day_ = day;
}

}  // namespace purser::alerts
