#include "purser/reports/breakdown.h"

#include <algorithm>
#include <cmath>
#include <map>

#include "scope_columns.h"

namespace purser::reports {
namespace {

using ledger::Scope;
using ledger::ScopeKind;

constexpr Duration kLongestRequest = std::chrono::hours(24);

// The smallest id that is made at this instant: 48 bits of milliseconds, then what is random.
Id first_id_at(Instant instant) {
  const auto since = std::chrono::floor<std::chrono::milliseconds>(instant).time_since_epoch();
  auto rest = static_cast<std::uint64_t>(std::max<std::int64_t>(0, since.count()));
  Id id;
  for (std::size_t at = 6; at-- > 0; rest >>= 8) id.bytes[at] = static_cast<std::uint8_t>(rest);
  return id;
}

struct Sums {
  std::map<Id, Nanos> users, projects;
  std::map<std::string, Nanos> models;
  void add(const store::Row& row, bool take_off) {
    const Nanos cost = take_off ? -row.nanos(3) : row.nanos(3);
    users[row.id(0)] += cost;
    projects[row.id(1)] += cost;
    models[std::string(row.text(2))] += cost;
  }
};

class Reader {
 public:
  Reader(store::Sql& sql, const Id& workspace, const Scope& scope, const Cycle& cycle)
      : sql_(sql), workspace_(workspace), scope_(scope), cycle_(cycle) {}

  Sums sums;

  void add_rollups() {
    sql_.each(
        "SELECT user, project, model, SUM(cost_nanos) FROM rollups WHERE workspace = ?1 AND "
        "bucket >= ?2 AND bucket < ?3" +
            and_scope(scope_.kind, "?4") + " GROUP BY user, project, model",
        {workspace_, cycle_.start, cycle_.end, scope_.id},
        [&](const store::Row& row) { sums.add(row, false); });
  }

  // Of a task, up to a command.
  void add_task(std::int64_t up_to) {
    std::optional<Cycle> life;
    sql_.each("SELECT made_at, last_used_at FROM tasks WHERE workspace = ?1 AND id = ?2",
              {workspace_, scope_.id}, [&](const store::Row& row) {
                life = Cycle{row.instant(0) - kLongestRequest, row.instant(1) + kLongestRequest};
              });
    if (!life) return;
    const Id first = first_id_at(life->start), last = first_id_at(life->end);
    const auto add = [&](const store::Row& row) { sums.add(row, false); };
    sql_.each(
        "SELECT user, project, model, SUM(cost_nanos) FROM usages WHERE workspace = ?1 AND request "
        ">= ?2 AND request < ?3 AND task = ?4 AND sequence <= ?5 GROUP BY user, project, model",
        {workspace_, first, last, scope_.id, up_to}, add);
    sql_.each(
        "SELECT u.user, u.project, u.model, SUM(a.delta_nanos) FROM usages u JOIN adjustments a ON "
        "a.workspace = u.workspace AND a.request = u.request WHERE u.workspace = ?1 AND u.request "
        ">= ?2 AND u.request < ?3 AND u.task = ?4 AND a.sequence <= ?5 GROUP BY u.user, u.project, "
        "u.model",
        {workspace_, first, last, scope_.id, up_to}, add);
  }

  void take_off_later(const Crossing& crossing) {
    const Id since = first_id_at(crossing.at - kLongestRequest);
    const auto sequence = static_cast<std::int64_t>(crossing.sequence);
    const auto take_off = [&](const store::Row& row) { sums.add(row, true); };
    const std::string within = " AND u.reserved_at >= ?4 AND u.reserved_at < ?5" +
                               and_scope_of_usage() + " GROUP BY u.user, u.project, u.model";
    sql_.each(
        "SELECT u.user, u.project, u.model, SUM(u.cost_nanos) FROM usages u WHERE "
        "u.workspace = ?1 AND u.request >= ?2 AND u.sequence > ?3" +
            within,
        {workspace_, since, sequence, cycle_.start, cycle_.end, scope_.id}, take_off);
    sql_.each(
        "SELECT u.user, u.project, u.model, SUM(a.delta_nanos) FROM adjustments a JOIN "
        "usages u ON u.workspace = a.workspace AND u.request = a.request WHERE a.workspace = "
        "?1 AND a.id >= ?2 AND a.sequence > ?3" +
            within,
        {workspace_, since, sequence, cycle_.start, cycle_.end, scope_.id}, take_off);
  }

 private:
  std::string and_scope_of_usage() const {
    const std::string_view column = scope_column(scope_.kind);
    if (column.empty()) return " AND ?6 IS NOT NULL";
    return " AND u." + std::string(column) + " = ?6";
  }

  store::Sql& sql_;
  const Id& workspace_;
  const Scope& scope_;
  const Cycle& cycle_;
};

std::string name_of(store::Sql& sql, std::string_view query, const Id& workspace, const Id& id,
                    std::string_view prefix) {
  std::string name;
  sql.each(query, {workspace, id}, [&](const store::Row& row) { name = row.text(0); });
  return name.empty() ? to_text(prefix, id) : name;
}

double percent_of(Nanos part, Nanos total) {
  if (total <= Nanos{}) return 0;
  const double share = static_cast<double>(part.count()) / static_cast<double>(total.count());
  return std::round(share * 1000) / 10;
}

// `name` is asked only for those that are shown.
template <typename Key, typename Name>
std::vector<BreakdownPart> parts_of(const std::map<Key, Nanos>& sums, Nanos total,
                                    const Name& name) {
  std::vector<std::pair<Key, Nanos>> largest;
  for (const auto& [key, cost] : sums)
    if (cost != Nanos{}) largest.emplace_back(key, cost);
  std::stable_sort(largest.begin(), largest.end(),
                   [](const auto& a, const auto& b) { return a.second > b.second; });
  std::vector<BreakdownPart> parts;
  Nanos others;
  for (std::size_t at = 0; at < largest.size(); ++at) {
    const auto& [key, cost] = largest[at];
    if (at < kBreakdownParts)
      parts.push_back({name(key), cost, percent_of(cost, total)});
    else
      others += cost;
  }
  if (const std::size_t rest = largest.size() - parts.size(); rest > 0) {
    parts.push_back({std::to_string(rest) + (rest == 1 ? " other" : " others"), others,
                     percent_of(others, total)});
  }
  return parts;
}

}  // namespace

Breakdown read_breakdown(store::Sql& sql, const Id& workspace, const Scope& scope,
                         const Cycle& cycle, const std::optional<Crossing>& as_of) {
  Reader reader(sql, workspace, scope, cycle);
  if (scope.kind == ScopeKind::task) {
    reader.add_task(as_of ? static_cast<std::int64_t>(as_of->sequence) : INT64_MAX);
  } else {
    reader.add_rollups();
    if (as_of) reader.take_off_later(*as_of);
  }
  Breakdown breakdown;
  for (const auto& [user, cost] : reader.sums.users) breakdown.total += cost;
  breakdown.by_user = parts_of(reader.sums.users, breakdown.total, [&](const Id& id) {
    return name_of(sql, "SELECT name FROM users WHERE workspace = ?1 AND id = ?2", workspace, id,
                   "usr");
  });
  breakdown.by_project = parts_of(reader.sums.projects, breakdown.total, [&](const Id& id) {
    if (id.is_zero()) return std::string("no project");
    return name_of(sql, "SELECT name FROM projects WHERE workspace = ?1 AND id = ?2", workspace, id,
                   "prj");
  });
  breakdown.by_model =
      parts_of(reader.sums.models, breakdown.total, [](const std::string& model) { return model; });
  return breakdown;
}

}  // namespace purser::reports
