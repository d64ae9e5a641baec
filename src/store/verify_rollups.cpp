#include "purser/base/calendar.h"
#include "verify_parts.h"

namespace purser::store {

void RollupsCheck::take(const VerifiedUsage& usage) {
  const Attribution& who = usage.who;
  Sums& sums = rollups_[{rollup_bucket(usage.reserved_at), who.team, who.user, who.project,
                         usage.model, who.key, who.label}];
  sums.requests += 1;
  sums.cost += usage.cost.count();
  for (std::size_t i = 0; i < kCountColumns; ++i) sums.counts[i] += usage.counts[i];
  if (who.task.is_zero()) return;
  Sums& task = tasks_[who.task];
  task.requests += 1;
  task.cost += usage.cost.count();
}

void RollupsCheck::finish() {
  connection_.each(
      "SELECT a.delta_nanos, u.reserved_at, u.team, u.user, u.project, u.model, u.key, u.label, "
      "u.task FROM adjustments a JOIN usages u ON u.workspace = a.workspace AND u.request = "
      "a.request WHERE a.workspace = ?1",
      {workspace_}, [&](const Row& row) {
        rollups_[{rollup_bucket(row.instant(1)), row.id(2), row.id(3), row.id(4),
                  std::string(row.text(5)), row.id(6), row.id(7)}]
            .cost += row.integer(0);
        if (!row.id(8).is_zero()) tasks_[row.id(8)].cost += row.integer(0);
      });
  const auto differ = [&](const std::string& which, const Sums& sums, Wide requests, Wide cost) {
    if (sums.cost != cost)
      problems_.add(which + " says " + usd_text(cost) + ", but its usage makes " +
                    usd_text(sums.cost) + ".");
    if (sums.requests != requests)
      problems_.add(which + " says " + std::to_string(static_cast<std::int64_t>(requests)) +
                    " requests, but there are " +
                    std::to_string(static_cast<std::int64_t>(sums.requests)) + ".");
  };
  connection_.each(
      "SELECT bucket, team, user, project, model, key, label, requests, cost_nanos, input_tokens, "
      "cached_input_tokens, cache_write_5m_tokens, cache_write_1h_tokens, output_tokens, "
      "input_audio_tokens, cached_input_audio_tokens, output_audio_tokens, reasoning_tokens, "
      "web_searches, tool_calls FROM rollups WHERE workspace = ?1",
      {workspace_}, [&](const Row& row) {
        const Key key{row.instant(0),           row.id(1), row.id(2), row.id(3),
                      std::string(row.text(4)), row.id(5), row.id(6)};
        const std::string which = "The rollup of " + format_instant(row.instant(0)) + " for " +
                                  to_text("usr", row.id(2)) + " and " + std::string(row.text(4));
        const Sums sums = rollups_[key];
        differ(which, sums, row.integer(7), row.integer(8));
        for (std::size_t i = 0; i < kCountColumns; ++i)
          if (sums.counts[i] != row.integer(9 + static_cast<int>(i)))
            problems_.add(which + " has other counts of tokens or calls than its usage.");
        rollups_.erase(key);
      });
  for (const auto& [key, sums] : rollups_)
    problems_.add("The rollup of " + format_instant(std::get<0>(key)) + " for " +
                  to_text("usr", std::get<2>(key)) + " is missing.");
  connection_.each("SELECT id, requests, cost_nanos FROM tasks WHERE workspace = ?1", {workspace_},
                   [&](const Row& row) {
                     differ("Task " + to_text("task", row.id(0)), tasks_[row.id(0)], row.integer(1),
                            row.integer(2));
                     tasks_.erase(row.id(0));
                   });
  for (const auto& [id, sums] : tasks_)
    problems_.add("Task " + to_text("task", id) + " has usage, but no row.");
}

}  // namespace purser::store
