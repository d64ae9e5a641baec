// Time: cycles that open and end, raises whose time is over, settings of the calendar.
#include <algorithm>

#include "ledger_world.h"

namespace purser::ledger {
namespace {

constexpr const char* kZones[] = {"UTC",          "America/New_York", "Europe/Berlin",
                                  "Asia/Kolkata", "Asia/Kathmandu",   "Australia/Lord_Howe",
                                  "Pacific/Apia", "America/Sao_Paulo"};
constexpr Duration kNano{1};

}  // namespace

void LedgerWorld::pass_time(Choices& choose) {
  if (choose.one_in(4)) {
    // To the edge of some cycle, a nano before it or behind it.
    const CapState& cap = caps_[choose.index(caps_.size())];
    const auto beside = kNano * (choose.below(3) - 1);
    if (cap.cap.period == Period::none) return;
    const Instant edge = cap.cycles.back().real.cycle_end + beside;
    if (edge > now_ && edge < now_ + std::chrono::hours(24 * 40)) now_ = edge;
  } else if (choose.one_in(40)) {
    now_ += std::chrono::hours(choose.below(24 * 45));
  } else if (choose.one_in(2)) {
    now_ += std::chrono::seconds(choose.below(3600));
  } else {
    now_ += std::chrono::hours(choose.below(24));
  }
}

// Open cycles keep their bounds; those that follow go on from there.
std::string LedgerWorld::change_calendar(Choices& choose) {
  Workspace& workspace = workspaces_[choose.index(workspaces_.size())];
  workspace.settings.zone = kZones[choose.index(std::size(kZones))];
  workspace.settings.cycle_day = static_cast<int>(1 + choose.below(28));
  workspace.settings.first_weekday = static_cast<int>(1 + choose.below(7));
  const auto calendar = Calendar::make(workspace.settings);
  if (!calendar) return "the calendar was refused: " + calendar.error().message;
  workspace.calendar = *calendar;
  return {};
}

// The cycle that contains now gets its account; cycles tile.
std::string LedgerWorld::open_cycle(std::size_t index, Distribution& seen) {
  CapState& state = caps_[index];
  const Instant end = state.latest().real.cycle_end;
  if (now_ < end) return {};
  const Calendar& calendar = *workspaces_[state.workspace].calendar;
  const Cycle cycle = calendar.cycle_after(state.cap.period, end, now_);
  if (cycle.start < end || !cycle.contains(now_)) return "cycles do not tile";
  ++seen.cycles;
  AccountPair next;
  Account& account = next.real;
  account = state.latest().real;
  account.cycle_start = cycle.start;
  account.cycle_end = cycle.end;
  account.limit = state.cap.limit_at(now_);
  account.spent = account.held = Nanos{};
  account.crossed = PercentSet{};
  account.limit_version = state.cap.limit_version;
  ModelAccount& model = next.model;
  model = state.latest().model;
  const bool raised = state.temporary && now_ < state.temporary->second;
  model.limit = raised ? state.temporary->first : state.limit;
  model.spent = model.held = 0;
  model.recorded.clear();
  model.excused = false;
  state.cycles.push_back(next);
  return check_account(state.latest());
}

std::string LedgerWorld::end_expired_raise(std::size_t index) {
  CapState& state = caps_[index];
  if (!state.temporary || now_ < state.temporary->second) return {};
  state.temporary.reset();
  return change_limit(index, EndRaise{state.cap.id}, state.limit, true);
}

// What a store does before it loads a scope's caps.
std::string LedgerWorld::bring_up_to_date(const Scope& scope, Distribution& seen) {
  for (const std::size_t cap : scopes_[scope].open_caps) {
    if (auto problem = open_cycle(cap, seen); !problem.empty()) return problem;
    if (auto problem = end_expired_raise(cap); !problem.empty()) return problem;
  }
  return {};
}

}  // namespace purser::ledger
