#include "early_pace.h"

#include "purser/reports/pace.h"
#include "purser/store/settings.h"

namespace purser::alerts {
namespace {

constexpr std::int64_t kCapsAtOnce = 20;
constexpr Duration kSweepEvery = std::chrono::hours(1);
constexpr Duration kDay = std::chrono::hours(24);

// Those that have spent enough, long enough into their cycle, and of which it was not told yet.
std::vector<ledger::Account> candidates(store::Sql& sql, const Id& workspace, const Id& after,
                                        Instant now) {
  std::vector<ledger::Account> found;
  sql.each(
      "SELECT c.id, c.scope_kind, c.scope_id, c.period, c.enforcement, a.cycle_start, a.cycle_end, "
      "a.limit_nanos, a.spent_nanos, a.held_nanos FROM caps c JOIN accounts a ON a.workspace = "
      "c.workspace AND a.cap = c.id AND a.cycle_start <= ?3 AND a.cycle_end > ?3 WHERE c.workspace "
      "= ?1 AND c.id > ?2 AND c.ended_at IS NULL AND c.period BETWEEN 1 AND 4 AND a.spent_nanos >= "
      "a.limit_nanos / 5 AND a.spent_nanos < a.limit_nanos / 20 * 19 AND ?3 - a.cycle_start >= "
      "MAX(?4, (a.cycle_end - a.cycle_start) / 10) AND NOT EXISTS (SELECT 1 FROM outbox o WHERE "
      "o.workspace = c.workspace AND o.kind = 9 AND o.cap = c.id AND o.cycle_start = a.cycle_start "
      "AND o.limit_version = a.limit_version) ORDER BY c.id LIMIT ?5",
      {workspace, after, now, std::chrono::nanoseconds(2 * kDay).count(), kCapsAtOnce},
      [&](const store::Row& row) {
        ledger::Account account;
        account.cap = row.id(0);
        account.scope = {static_cast<ledger::ScopeKind>(row.integer(1)), row.id(2)};
        account.period = static_cast<Period>(row.integer(3));
        account.enforcement = static_cast<ledger::Enforcement>(row.integer(4));
        account.cycle_start = row.instant(5);
        account.cycle_end = row.instant(6);
        account.limit = row.nanos(7);
        account.spent = row.nanos(8);
        account.held = row.nanos(9);
        found.push_back(account);
      });
  return found;
}

// None: not early enough to speak of.
std::optional<Instant> runs_out_early(store::Sql& sql, const Id& workspace,
                                      const Calendar& calendar, const ledger::Account& account,
                                      Instant now) {
  const auto input = reports::read_forecast_input(sql, workspace, calendar, account, now);
  if (!input) return std::nullopt;
  const auto at = reports::instant_of_running_out(*input, account.limit);
  const Duration tenth = (account.cycle_end - account.cycle_start) / 10;
  if (!at || account.cycle_end - *at < std::max(kDay, tenth)) return std::nullopt;
  return at;
}

}  // namespace

void EarlyPace::run() {
  if (env_.boot_now() < next_sweep_) return;
  const Instant now = store_.ledger_now();
  struct Early {
    Id cap;
    Instant at;
  };
  std::vector<Early> early;
  bool is_over = true;
  store_.read([&](store::Sql& sql) {
    if (!store::is_setting_on(sql, store_.workspace(), "early_pace_alerts")) return;
    const auto calendar = store_.calendar();
    const auto accounts = candidates(sql, store_.workspace(), after_, now);
    is_over = accounts.size() < static_cast<std::size_t>(kCapsAtOnce);
    for (const ledger::Account& account : accounts) {
      // First, so that one which cannot be read does not hold the others up.
      after_ = account.cap;
      if (const auto at = runs_out_early(sql, store_.workspace(), *calendar, account, now))
        early.push_back({account.cap, *at});
    }
  });
  if (!early.empty()) {
    static_cast<void>(store_.change([&](store::Change& change) -> Result<void> {
      for (const Early& one : early) change.announce_running_out(one.cap, one.at);
      return {};
    }));
  }
  if (!is_over) return;
  after_ = Id{};
  next_sweep_ = env_.boot_now() + kSweepEvery;
}

}  // namespace purser::alerts
