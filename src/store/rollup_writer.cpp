#include "rollup_writer.h"

#include <algorithm>
#include <array>

#include "purser/base/calendar.h"

namespace purser::store {
namespace {

constexpr std::size_t kRowsRemembered = 16'384;

// The update that changes nothing makes it return the row that is there already.
constexpr const char* kFindOrAddRow =
    "INSERT INTO rollup_rows (workspace, bucket, team, user, project, model, key, label, "
    "membership) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9) ON CONFLICT DO UPDATE SET membership "
    "= membership RETURNING number";
constexpr const char* kAddSums =
    "INSERT INTO rollup_sums (rollup, requests, cost_nanos, input_tokens, cached_input_tokens, "
    "cache_write_5m_tokens, cache_write_1h_tokens, output_tokens, input_audio_tokens, "
    "cached_input_audio_tokens, output_audio_tokens, reasoning_tokens, web_searches, tool_calls) "
    "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)";
// For most: of a column that is not set, no sum has to be made.
constexpr const char* kUpdateUsualSums =
    "UPDATE rollup_sums SET requests = requests + ?2, cost_nanos = cost_nanos + ?3, input_tokens = "
    "input_tokens + ?4, cached_input_tokens = cached_input_tokens + ?5, output_tokens = "
    "output_tokens + ?6 WHERE rollup = ?1";
constexpr const char* kUpdateSums =
    "UPDATE rollup_sums SET requests = requests + ?2, cost_nanos = cost_nanos + ?3, input_tokens = "
    "input_tokens + ?4, cached_input_tokens = cached_input_tokens + ?5, cache_write_5m_tokens = "
    "cache_write_5m_tokens + ?6, cache_write_1h_tokens = cache_write_1h_tokens + ?7, output_tokens "
    "= output_tokens + ?8, input_audio_tokens = input_audio_tokens + ?9, cached_input_audio_tokens "
    "= cached_input_audio_tokens + ?10, output_audio_tokens = output_audio_tokens + ?11, "
    "reasoning_tokens = reasoning_tokens + ?12, web_searches = web_searches + ?13, tool_calls = "
    "tool_calls + ?14 WHERE rollup = ?1";

}  // namespace

RollupWriter::RollupWriter(Connection& connection, const Id& workspace)
    : workspace_(workspace),
      find_or_add_row_(connection.prepare(kFindOrAddRow)),
      add_sums_(connection.prepare(kAddSums)),
      update_usual_sums_(connection.prepare(kUpdateUsualSums)),
      update_sums_(connection.prepare(kUpdateSums)),
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

std::int64_t RollupWriter::row_of(const Pending::Key& key, const Id& membership) {
  if (const auto known = rows_.find(key); known != rows_.end()) return known->second;
  const auto& [bucket, team, user, project, model, api_key, label] = key;
  std::int64_t number = 0;
  find_or_add_row_->each(
      {workspace_, bucket, team, user, project, model, api_key, label, membership},
      [&](const Row& row) { number = row.integer(0); });
  if (rows_.size() >= kRowsRemembered) rows_.clear();
  rows_[key] = number;
  return number;
}

void RollupWriter::write(const Pending::Key& key, const Pending::Sums& sums) {
  const Counts& c = sums.counts;
  const std::int64_t row = row_of(key, sums.membership);
  // In the order of the columns: 0 is input, 1 cached input, 4 output.
  const bool is_usual = c[2] == 0 && c[3] == 0 &&
                        std::all_of(c.begin() + 5, c.end(), [](auto count) { return count == 0; });
  if (is_usual && update_usual_sums_->run({row, sums.requests, sums.cost, c[0], c[1], c[4]}) == 1)
    return;
  const std::array<Param, 14> params{row,  sums.requests, sums.cost, c[0], c[1], c[2], c[3],
                                     c[4], c[5],          c[6],      c[7], c[8], c[9], c[10]};
  if (update_sums_->run(params) == 0) add_sums_->run(params);
}

void RollupWriter::flush() {
  for (const auto& [key, sums] : pending_.rollups) write(key, sums);
  for (const auto& [id, task] : pending_.tasks)
    add_task_->run({workspace_, id, task.user, task.name, task.used_at, task.requests, task.cost});
  pending_ = {};
}

void RollupWriter::discard() {
  pending_ = {};
  rows_.clear();
}

}  // namespace purser::store
