#include "exposure_input.h"

#include <algorithm>

namespace purser::api {

using ledger::ScopeKind;
using reports::ExposureCap;
using reports::ExposureInput;
using reports::ExposureScope;

ExposureRows::ExposureRows(store::Sql& sql, const Id& workspace, const std::string& workspace_name,
                           const Cycle& month)
    : sql_(sql), workspace_(workspace), month_(month) {
  input_.workspace.name = workspace_name;
  read_scopes("SELECT id, name FROM teams WHERE workspace = ?1", input_.teams, teams_);
  read_scopes(
      "SELECT id, CASE WHEN email = '' THEN name ELSE email END FROM users WHERE workspace = ?1",
      input_.users, users_);
  read_memberships();
  read_spent();
  drop_idle();
  read_caps();
}

ExposureInput ExposureRows::with(const Id& cap, const reports::ExposureCycle& cycle) const {
  ExposureInput changed = input_;
  const auto place = places_of_caps_.find(cap);
  if (place == places_of_caps_.end()) return changed;
  auto* caps = caps_of(changed, place->second.scope);
  auto& cycles = (*caps)[place->second.index].cycles;
  const auto at = std::lower_bound(
      cycles.begin(), cycles.end(), cycle.cycle.start,
      [](const reports::ExposureCycle& one, Instant start) { return one.cycle.start < start; });
  if (at != cycles.end() && at->cycle.start == cycle.cycle.start)
    at->limit = cycle.limit;
  else
    cycles.insert(at, cycle);
  return changed;
}

void ExposureRows::read_scopes(std::string_view query, std::vector<ExposureScope>& scopes,
                               Places& places) {
  sql_.each(query, {workspace_}, [&](const store::Row& row) {
    places.emplace(row.id(0), scopes.size());
    scopes.push_back({std::string(row.text(1)), {}});
  });
}

void ExposureRows::read_memberships() {
  sql_.each(
      "SELECT m.id, m.user_id, m.team, m.ended IS NOT NULL OR u.deactivated IS NOT NULL FROM "
      "memberships m JOIN users u ON u.workspace = m.workspace AND u.id = m.user_id WHERE "
      "m.workspace = ?1",
      {workspace_}, [&](const store::Row& row) {
        reports::ExposureMembership membership;
        membership.user = users_.at(row.id(1));
        membership.team = teams_.at(row.id(2));
        membership.ended = row.boolean(3);
        memberships_.emplace(row.id(0), input_.memberships.size());
        input_.memberships.push_back(membership);
      });
}

void ExposureRows::read_spent() {
  sql_.each(
      "SELECT membership, SUM(cost_nanos) FROM rollups WHERE workspace = ?1 AND bucket >= ?2 AND "
      "bucket < ?3 GROUP BY membership",
      {workspace_, month_.start, month_.end}, [&](const store::Row& row) {
        if (auto* one = membership(row.id(0))) one->spent = row.nanos(1);
      });
  sql_.each(
      "SELECT membership, SUM(amount_nanos) FROM holds WHERE workspace = ?1 AND reserved_at >= "
      "?2 AND reserved_at < ?3 GROUP BY membership",
      {workspace_, month_.start, month_.end}, [&](const store::Row& row) {
        if (auto* one = membership(row.id(0))) one->held = row.nanos(1);
      });
}

reports::ExposureMembership* ExposureRows::membership(const Id& id) {
  const auto found = memberships_.find(id);
  return found == memberships_.end() ? nullptr : &input_.memberships[found->second];
}

// Ended ones that have spent nothing in the month do not matter to it.
void ExposureRows::drop_idle() {
  std::vector<reports::ExposureMembership> kept;
  for (auto& [id, place] : memberships_) {
    const auto& one = input_.memberships[place];
    const bool idle = one.ended && one.spent == Nanos{} && one.held == Nanos{};
    place = idle ? SIZE_MAX : kept.size();
    if (!idle) kept.push_back(one);
  }
  input_.memberships = std::move(kept);
}

std::vector<ExposureCap>* ExposureRows::caps_of(ExposureInput& input,
                                                const ledger::Scope& scope) const {
  const auto at = [&](const Places& places) {
    const auto found = places.find(scope.id);
    return found == places.end() ? SIZE_MAX : found->second;
  };
  const ScopeKind kind = scope.kind;
  if (kind == ScopeKind::workspace) return &input.workspace.hard_caps;
  if (kind == ScopeKind::team && at(teams_) != SIZE_MAX) return &input.teams[at(teams_)].hard_caps;
  if (kind == ScopeKind::user && at(users_) != SIZE_MAX) return &input.users[at(users_)].hard_caps;
  if (kind == ScopeKind::membership && at(memberships_) != SIZE_MAX)
    return &input.memberships[at(memberships_)].hard_caps;
  return nullptr;
}

void ExposureRows::read_caps() {
  const auto cycles = read_cycles();
  sql_.each(
      "SELECT id, scope_kind, scope_id, period, limit_nanos, temporary_limit_nanos, "
      "temporary_until, made_at FROM caps WHERE workspace = ?1 AND ended_at IS NULL AND "
      "enforcement = ?2 AND scope_kind <= ?3",
      {workspace_, static_cast<int>(ledger::Enforcement::hard),
       static_cast<int>(ScopeKind::membership)},
      [&](const store::Row& row) {
        const ledger::Scope scope{static_cast<ScopeKind>(row.integer(1)), row.id(2)};
        auto* caps = caps_of(input_, scope);
        if (!caps) return;
        ExposureCap cap;
        cap.period = static_cast<Period>(row.integer(3));
        cap.limit = row.nanos(4);
        // A raise that reaches into the month may hold in a cycle that has not opened yet.
        if (!row.is_null(5) && row.instant(6) > month_.start)
          cap.limit = std::max(cap.limit, row.nanos(5));
        cap.made_at = row.instant(7);
        if (const auto found = cycles.find(row.id(0)); found != cycles.end())
          cap.cycles = found->second;
        places_of_caps_[row.id(0)] = {scope, caps->size()};
        caps->push_back(std::move(cap));
      });
}

std::map<Id, std::vector<reports::ExposureCycle>> ExposureRows::read_cycles() {
  std::map<Id, std::vector<reports::ExposureCycle>> cycles;
  sql_.each(
      "SELECT cap, cycle_start, cycle_end, limit_nanos, spent_nanos, held_nanos FROM accounts "
      "WHERE workspace = ?1 AND cycle_start < ?3 AND cycle_end > ?2 ORDER BY cap, cycle_start",
      {workspace_, month_.start, month_.end}, [&](const store::Row& row) {
        cycles[row.id(0)].push_back(
            {{row.instant(1), row.instant(2)}, row.nanos(3), row.nanos(4), row.nanos(5)});
      });
  return cycles;
}

}  // namespace purser::api
