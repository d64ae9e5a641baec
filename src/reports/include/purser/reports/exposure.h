// Exposure: the worst-case bill of a month, the largest total that the hard caps of workspace,
// teams, memberships and users allow together. A pure calculation: the caller reads the rows.
//
// Every key pays under one membership, and a user's own cap counts all of that user's use, so a
// user in two teams may spend one cap in either. That makes it a maximum flow
//
//   workspace → teams → memberships → users
//
// in which a scope lets through what its caps allow. Caps of keys, projects, labels and tasks are
// left out: they can only lower the bill.
//
// What a scope's caps allow in the month: each cap counts, for each of its cycles that touches the
// month, the smaller of its limit and of what the scope's shorter caps allow over the days inside;
// at least what is spent and held in that cycle already. The least among its caps is what the scope
// lets through. What has been spent stays spent, in the team that it was spent in: the figure is
// that and the largest flow through what is left.
//
// The figure is exact, to the nano, where all caps that matter are monthly: spending can reach it
// and cannot pass it. Otherwise it is an upper bound, and `exact` is false. It holds as long as
// nobody changes a cap or makes a user; and a provider that bills more than a bound it was sent
// (flag `overspend`) can pass any cap.
//
// Amounts are in nanos, instants in UTC. Thread-safe: no state. Errors: "bad_month".
//
//   ExposureInput input{.workspace = {"Example Ltd", {month_cap}}, …};
//   Result<Exposure> exposure = compute_exposure(input, calendar, "2026-12");
//   if (exposure->unbounded.empty()) print(format_usd(exposure->figure));
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "purser/base/calendar.h"
#include "purser/base/money.h"
#include "purser/base/result.h"

namespace purser::reports {

// A cycle of a cap that has a row: its stored bounds, and the limit in force in it (a raise
// counts).
struct ExposureCycle {
  Cycle cycle;
  Nanos limit, spent, held;
};

// A hard cap that has not ended.
struct ExposureCap {
  Period period = Period::month;
  Nanos limit;  // in cycles that have no row
  // When it was made; what its scope spent in cycles that ended before is not under it.
  Instant made_at = Instant::min();
  std::vector<ExposureCycle> cycles;  // those that touch the month, in order of time
};

struct ExposureScope {
  std::string name;  // as the command line takes it: a team's name, a user's e-mail
  std::vector<ExposureCap> hard_caps;
};

struct ExposureMembership {
  std::size_t user = 0, team = 0;  // places in ExposureInput
  std::vector<ExposureCap> hard_caps;
  Nanos spent, held;   // in the month, by the instant of reserve, adjustments included
  bool ended = false;  // can spend no more: a left team, a user switched off
};

struct ExposureInput {
  ExposureScope workspace;
  std::vector<ExposureScope> teams, users;
  // All that can spend, and all ended ones that have spent or held in the month.
  std::vector<ExposureMembership> memberships;
};

enum class ExposureScopeKind { workspace, team, membership, user };

// A scope whose caps hold the figure down: the limits of all that are listed make up the figure,
// together with what was spent past them.
struct ExposureBinding {
  ExposureScopeKind kind = ExposureScopeKind::workspace;
  std::string words;  // "team engineering: month cap of USD 5000.00"
  Nanos allowed;      // what its caps allow in the month
};

// A membership that no hard cap of its own, its user, its team or the workspace bounds.
struct UnboundedPath {
  std::string user, team;
  std::string command;  // "purser cap set --user ada@example.com --month 100"
};

struct Exposure {
  std::string month;  // "2026-12"
  Cycle cycle;
  Nanos figure;  // without what may go through unbounded paths
  bool exact = false;
  // The caps allow more than kExposureCeiling, and the figure stops there.
  bool beyond_ceiling = false;
  Nanos spent, held;                     // so far
  std::vector<ExposureBinding> binding;  // the largest first
  std::vector<UnboundedPath> unbounded;
  std::string summary;  // all of that in a sentence or two
};

// USD 4 billion: far above any bill, and low enough that no sum overflows.
inline constexpr Nanos kExposureCeiling{4'000'000'000'000'000'000};

Result<Exposure> compute_exposure(const ExposureInput& input, const Calendar& calendar,
                                  std::string_view month);

}  // namespace purser::reports
