#include "rollup_writer.h"

#include <algorithm>
#include <array>

#include "purser/base/calendar.h"

namespace purser::store {
namespace {

constexpr std::size_t kRowsRemembered = 16'384;

constexpr const char* kInsert =
    "INSERT INTO rollups (workspace, bucket, team, user, project, model, key, label, membership, "
    "requests, cost_nanos, input_tokens, cached_input_tokens, cache_write_5m_tokens, "
    "cache_write_1h_tokens, output_tokens, input_audio_tokens, cached_input_audio_tokens, "
    "output_audio_tokens, reasoning_tokens, web_searches, tool_calls) VALUES (?1, ?2, ?3, ?4, ?5, "
    "?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21, ?22) ON CONFLICT "
    "DO UPDATE SET ";
constexpr const char* kAddSums =
    "requests = requests + ?10, cost_nanos = cost_nanos + ?11, input_tokens = input_tokens + ?12, "
    "cached_input_tokens = cached_input_tokens + ?13, cache_write_5m_tokens = "
    "cache_write_5m_tokens + ?14, cache_write_1h_tokens = cache_write_1h_tokens + ?15, "
    "output_tokens = output_tokens + ?16, input_audio_tokens = input_audio_tokens + ?17, "
    "cached_input_audio_tokens = cached_input_audio_tokens + ?18, output_audio_tokens = "
    "output_audio_tokens + ?19, reasoning_tokens = reasoning_tokens + ?20, web_searches = "
    "web_searches + ?21, tool_calls = tool_calls + ?22";
// The same parameters, but for the first.
constexpr const char* kIsTheRow =
    " WHERE rowid = ?1 AND bucket = ?2 AND team = ?3 AND user = ?4 AND project = ?5 AND model = ?6 "
    "AND key = ?7 AND label = ?8";

}  // namespace

RollupWriter::RollupWriter(Connection& connection, const Id& workspace)
    : workspace_(workspace),
      add_rollup_(connection.prepare(std::string(kInsert) + kAddSums + " RETURNING rowid")),
      update_rollup_(connection.prepare(std::string("UPDATE rollups SET ") + kAddSums + kIsTheRow)),
      add_task_(connection.prepare(
          "INSERT INTO tasks (workspace, id, user, name, made_at, last_used_at, requests, "
          "cost_nanos) VALUES (?1, ?2, ?3, ?4, ?5, ?5, ?6, ?7) ON CONFLICT DO UPDATE SET "
          "last_used_at = MAX(last_used_at, ?5), requests = requests + ?6, cost_nanos = cost_nanos "
          "+ ?7")) {}

RollupWriter::Pending::Task& RollupWriter::task_of(const Attribution& who) {
  Pending::Task& task = pending_.tasks[who.task];
  task.user = who.user;
  task.name = who.task_name;
  return task;
}

void RollupWriter::add(const Attribution& who, const std::string& model, Instant reserved_at,
                       std::int64_t requests, Nanos cost, const Counts& counts) {
  Pending::Sums& sums = pending_.rollups[{rollup_bucket(reserved_at), who.team, who.user,
                                          who.project, model, who.key, who.label}];
  sums.membership = who.membership;
  sums.requests += requests;
  sums.cost += cost;
  for (std::size_t i = 0; i < kCountColumns; ++i) sums.counts[i] += counts[i];
  if (who.task.is_zero()) return;
  Pending::Task& task = task_of(who);
  task.requests += requests;
  task.cost += cost;
  task.used_at = std::max(task.used_at, reserved_at);
}

void RollupWriter::use_task(const Attribution& who, Instant at) {
  if (who.task.is_zero()) return;
  Pending::Task& task = task_of(who);
  task.used_at = std::max(task.used_at, at);
}

void RollupWriter::write(const Pending::Key& key, const Pending::Sums& sums) {
  const auto& [bucket, team, user, project, model, api_key, label] = key;
  const Counts& c = sums.counts;
  const auto params = [&](const Param& first) {
    return std::array<Param, 22>{
        first,         bucket,    team, user, project, model, api_key, label, sums.membership,
        sums.requests, sums.cost, c[0], c[1], c[2],    c[3],  c[4],    c[5],  c[6],
        c[7],          c[8],      c[9], c[10]};
  };
  const auto known = rows_.find(key);
  if (known != rows_.end() && update_rollup_->run(params(known->second)) == 1) return;
  if (rows_.size() >= kRowsRemembered) rows_.clear();
  add_rollup_->each(params(workspace_), [&](const Row& row) { rows_[key] = row.integer(0); });
}

void RollupWriter::flush() {
  for (const auto& [key, sums] : pending_.rollups) write(key, sums);
  for (const auto& [id, task] : pending_.tasks)
    add_task_->run({workspace_, id, task.user, task.name, task.used_at, task.requests, task.cost});
  clear();
}

}  // namespace purser::store
