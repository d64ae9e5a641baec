#include "path/books_check.h"

#include <fmt/format.h>

#include <algorithm>

namespace purser::sim {
namespace {

__extension__ typedef __int128 Wide;

struct Row {
  Nanos cost, hold;
  std::uint32_t flags = 0;
  Instant reserved_at;
  std::string ending;
  int rows = 0;
};

std::map<std::string, Row> read_rows(store::Store& store) {
  std::map<std::string, Row> rows;
  store.read([&](store::Sql& sql) {
    sql.each(
        "SELECT u.end_user, u.cost_nanos + COALESCE((SELECT SUM(a.delta_nanos) FROM adjustments a "
        "WHERE a.workspace = u.workspace AND a.request = u.request), 0), u.hold_nanos, u.flags, "
        "u.reserved_at, u.ending FROM usages u",
        {}, [&](const store::Row& row) {
          Row& found = rows[std::string(row.text(0))];
          found.cost = row.nanos(1);
          found.hold = row.nanos(2);
          found.flags = static_cast<std::uint32_t>(row.integer(3));
          found.reserved_at = row.instant(4);
          found.ending = row.text(5);
          ++found.rows;
        });
  });
  return rows;
}

bool claimed(const Asked& asked, Nanos cost) {
  return std::find(asked.claims.begin(), asked.claims.end(), cost) != asked.claims.end();
}

// Nothing stood between the provider's answer and the books.
bool must_be_exact(const Asked& asked) {
  constexpr Fault kHarmless[] = {Fault::none, Fault::client_sends_slowly, Fault::answer_slow,
                                 Fault::dearer_than_bound, Fault::provider_closes_idle};
  return std::find(std::begin(kHarmless), std::end(kHarmless), asked.fault) !=
             std::end(kHarmless) &&
         asked.times_whole == 1 && !asked.troubled && !asked.client_left &&
         asked.crashes_before == asked.crashes_after && !asked.claims.empty();
}

std::string check_row(const Asked& asked, const Row& row, std::uint64_t crashes) {
  const auto off = [&](const char* what) {
    return fmt::format(
        "{}: {} (fault {}, cost {}, hold {}, flags {}, ending {}, billed {}, status {})",
        asked.mark, what, name(asked.fault), row.cost.count(), row.hold.count(), row.flags,
        row.ending, asked.billed.count(), asked.status);
  };
  if (row.rows != 1) return off("I3: stands in the books more than once");
  const bool unsure = (row.flags & (store::kEstimated | store::kUnconfirmed)) != 0;
  if (unsure && row.cost != row.hold) return off("I2: an unknown end was not settled in full");
  if (asked.troubled) return {};
  if (!unsure && row.cost == Nanos{0} && asked.times_whole > 0 && asked.billed > Nanos{0})
    return off("I2: released, and the provider billed it");
  if (!unsure && row.cost > Nanos{0} && !claimed(asked, row.cost))
    return off("I4: the cost is not what the provider said");
  if ((row.cost > row.hold) != ((row.flags & store::kOverspend) != 0))
    return off("I1: an overspend is not flagged as one");
  if (unsure && asked.fault != Fault::dearer_than_bound && row.cost < asked.billed)
    return off("I1: billed above the hold, and nobody knows");
  // The answer is handed on before its settle is durable: a crash between the two is honest.
  if ((row.flags & store::kUnconfirmed) != 0 && asked.crashes_before < crashes) return {};
  if (must_be_exact(asked) && (unsure || !claimed(asked, row.cost)))
    return off("I9: the answer said what it cost, and it was not taken");
  if (asked.status == 200 && !asked.cost_told.empty() && asked.cost_told != format_usd(row.cost))
    return off("the client was told another cost");
  return {};
}

bool falls_under(const Asked& asked, const ledger::Scope& scope) {
  using ledger::ScopeKind;
  return scope.kind == ScopeKind::workspace ||
         (scope.kind == ScopeKind::user && scope.id == asked.user) ||
         (scope.kind == ScopeKind::team && scope.id == asked.team);
}

// I4: an account is the sum of what fell under its scope in its cycle, by who asked it, not by what
// the rows say of who asked.
std::string check_accounts(store::Store& store, const World& world,
                           const std::map<std::string, Row>& rows) {
  std::string problem;
  store.read([&](store::Sql& sql) {
    sql.each(
        "SELECT c.scope_kind, c.scope_id, a.cycle_start, a.cycle_end, a.spent_nanos, a.held_nanos, "
        "c.ended_at FROM accounts a JOIN caps c ON c.workspace = a.workspace AND c.id = a.cap",
        {}, [&](const store::Row& row) {
          if (row.integer(5) != 0) problem = "I9: a hold leaked";
          if (!row.is_null(6)) return;  // an ended cap has what came before its end
          const ledger::Scope scope{static_cast<ledger::ScopeKind>(row.integer(0)), row.id(1)};
          Wide sum = 0;
          for (const Asked& asked : world.asked) {
            const auto found = rows.find(asked.mark);
            if (found == rows.end() || !falls_under(asked, scope)) continue;
            if (found->second.reserved_at >= row.instant(2) &&
                found->second.reserved_at < row.instant(3))
              sum += found->second.cost.count();
          }
          if (sum != row.integer(4))
            problem = fmt::format("I4: a {} account has spent {}, and its requests cost {}",
                                  ledger::name(scope.kind), row.integer(4),
                                  static_cast<std::int64_t>(sum));
        });
  });
  return problem;
}

}  // namespace

std::string CapWatch::look(store::Store& store, bool limits_changed) {
  const store::StoreCounters counters = store.counters();
  // A late answer to a hold that was settled in full may be an overspend too; it is counted alike.
  const bool excused_now = limits_changed || counters.overspend_total != overspent_before_;
  overspent_before_ = counters.overspend_total;
  std::string problem;
  store.read([&](store::Sql& sql) {
    sql.each(
        "SELECT a.cap, a.cycle_start, a.limit_nanos, a.spent_nanos, a.held_nanos FROM accounts a "
        "JOIN caps c ON c.workspace = a.workspace AND c.id = a.cap WHERE c.enforcement = 0",
        {}, [&](const store::Row& row) {
          const Wide used = Wide{row.integer(3)} + row.integer(4);
          bool& excused = excused_[{row.id(0), row.integer(1)}];
          excused = used > row.integer(2) && (excused || excused_now);
          if (used > row.integer(2) && !excused)
            problem = fmt::format("I1: an account stands at {} + {} of {}, and nothing says why",
                                  row.integer(3), row.integer(4), row.integer(2));
        });
  });
  return problem;
}

bool has_hold_or_usage(store::Store& store, const std::string& mark) {
  bool found = false;
  store.read([&](store::Sql& sql) {
    sql.each(
        "SELECT 1 FROM holds WHERE end_user = ?1 UNION SELECT 1 FROM usages WHERE end_user = ?1",
        {mark}, [&](const store::Row&) { found = true; });
  });
  return found;
}

std::string check_books(store::Store& store, const World& world) {
  const std::map<std::string, Row> rows = read_rows(store);
  for (const Asked& asked : world.asked) {
    const auto found = rows.find(asked.mark);
    if (found == rows.end()) {
      if (asked.provider_saw)
        return fmt::format(
            "I2: {} went to the provider and has no row (fault {}, status {}, {}, "
            "crashes before {} and after {})",
            asked.mark, name(asked.fault), asked.status,
            asked.times_whole > 0 ? "in whole" : "in part", asked.crashes_before,
            asked.crashes_after);
      if (asked.status == 200) return "I2: " + asked.mark + " was answered and has no row";
      continue;
    }
    if (std::string problem = check_row(asked, found->second, world.crashes); !problem.empty())
      return problem;
  }
  return check_accounts(store, world, rows);
}

}  // namespace purser::sim
