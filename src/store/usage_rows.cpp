#include "usage_rows.h"

#include <algorithm>

namespace purser::store {
namespace {

constexpr std::int64_t kLargestCount = 1'000'000'000'000;
constexpr std::size_t kTokenColumns = 8;

std::int64_t believed(std::int64_t count) {
  return std::clamp<std::int64_t>(count, 0, kLargestCount);
}

std::span<const std::uint8_t> as_bytes(const std::string& text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

Id newest_usage(Connection& connection, const Id& workspace) {
  Id newest;
  connection.each("SELECT request FROM usages WHERE workspace = ?1 ORDER BY request DESC LIMIT 1",
                  {workspace}, [&](const Row& row) { newest = row.id(0); });
  return newest;
}

}  // namespace

Counts counts_of(const BilledCounts& billed) {
  Counts counts{};
  for (std::size_t i = 0; i < std::min(billed.tokens.size(), kTokenColumns); ++i)
    counts[i] = believed(billed.tokens[i]);
  counts[kTokenColumns] = believed(billed.reasoning_tokens);
  if (!billed.fee_calls.empty()) counts[kTokenColumns + 1] = believed(billed.fee_calls[0]);
  counts[kTokenColumns + 2] = believed(billed.tool_calls);
  return counts;
}

UsageRows::UsageRows(Connection& connection, const Id& workspace)
    : connection_(connection),
      workspace_(workspace),
      insert_(connection.prepare(
          "INSERT INTO usages (workspace, request, epoch, reserve_sequence, sequence, hold_nanos, "
          "form, cost_nanos, flags, accounts, reserved_at, settled_at, user, team, membership, "
          "key, "
          "project, label, task, task_name, provider, asked_model, actual_model, model, format, "
          "end_user, metadata, price_id, price_version, provider_request_id, service_tier, status, "
          "ending, input_tokens, cached_input_tokens, cache_write_5m_tokens, "
          "cache_write_1h_tokens, output_tokens, input_audio_tokens, cached_input_audio_tokens, "
          "output_audio_tokens, reasoning_tokens, web_searches, tool_calls, explanation) VALUES "
          "(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, "
          "?20, ?21, ?22, ?23, ?24, ?25, ?26, ?27, ?28, ?29, ?30, ?31, ?32, ?33, ?34, ?35, ?36, "
          "?37, ?38, ?39, ?40, ?41, ?42, ?43, ?44, ?45)")),
      exists_(connection.prepare("SELECT 1 FROM usages WHERE workspace = ?1 AND request = ?2")),
      known_(newest_usage(connection, workspace)) {}

void UsageRows::insert(const SettledUsage& usage, const std::string& model) {
  const HoldBody& hold = *usage.hold->body;
  const Attribution& who = hold.attribution;
  const SettleRequest& settle = *usage.settle;
  const std::string accounts = encode_accounts(usage.hold->accounts);
  const Counts c = counts_of(settle.counts);
  insert_->run({workspace_,
                hold.request,
                hold.epoch,
                static_cast<std::int64_t>(hold.sequence),
                static_cast<std::int64_t>(usage.sequence),
                hold.amount,
                static_cast<int>(hold.form),
                usage.cost,
                usage.flags,
                as_bytes(accounts),
                hold.reserved_at,
                usage.at,
                who.user,
                who.team,
                who.membership,
                who.key,
                who.project,
                who.label,
                who.task,
                who.task_name,
                who.provider,
                who.asked_model,
                settle.actual_model,
                model,
                who.format,
                who.end_user,
                who.metadata,
                hold.price_id,
                hold.price_version,
                settle.provider_request_id,
                settle.service_tier,
                settle.status,
                settle.ending,
                c[0],
                c[1],
                c[2],
                c[3],
                c[4],
                c[5],
                c[6],
                c[7],
                c[8],
                c[9],
                c[10],
                hold.explanation});
  known_.add(hold.request);
}

bool UsageRows::exists(const Id& request) {
  if (!known_.may_be_known(request)) return false;
  bool found = false;
  exists_->each({workspace_, request}, [&](const Row&) { found = true; });
  return found;
}

std::optional<FoundUsage> UsageRows::find(const Id& request) {
  std::optional<FoundUsage> found;
  connection_.each(
      "SELECT sequence, hold_nanos, form, cost_nanos, flags, accounts, reserved_at, user, team, "
      "membership, key, project, label, task, task_name, provider, asked_model, price_id FROM "
      "usages "
      "WHERE workspace = ?1 AND request = ?2",
      {workspace_, request}, [&](const Row& row) {
        FoundUsage& usage = found.emplace();
        usage.sequence = static_cast<std::uint64_t>(row.integer(0));
        usage.hold = row.nanos(1);
        usage.form = static_cast<std::uint8_t>(row.integer(2));
        usage.cost = row.nanos(3);
        usage.flags = static_cast<std::uint32_t>(row.integer(4));
        usage.accounts = decode_accounts(row.bytes(5));
        usage.reserved_at = row.instant(6);
        Attribution& who = usage.attribution;
        who.user = row.id(7);
        who.team = row.id(8);
        who.membership = row.id(9);
        who.key = row.id(10);
        who.project = row.id(11);
        who.label = row.id(12);
        who.task = row.id(13);
        who.task_name = row.text(14);
        who.provider = row.text(15);
        who.asked_model = row.text(16);
        usage.price_id = row.text(17);
      });
  return found;
}

void UsageRows::confirm(const SettleRequest& settle, std::uint32_t flags) {
  const Counts c = counts_of(settle.counts);
  const auto changed = connection_.run(
      "UPDATE usages SET flags = ?3, actual_model = ?4, provider_request_id = ?5, service_tier = "
      "?6, status = ?7, ending = ?8, input_tokens = ?9, cached_input_tokens = ?10, "
      "cache_write_5m_tokens = ?11, cache_write_1h_tokens = ?12, output_tokens = ?13, "
      "input_audio_tokens = ?14, cached_input_audio_tokens = ?15, output_audio_tokens = ?16, "
      "reasoning_tokens = ?17, web_searches = ?18, tool_calls = ?19 WHERE workspace = ?1 AND "
      "request = ?2",
      {workspace_, settle.request, flags, settle.actual_model, settle.provider_request_id,
       settle.service_tier, settle.status, settle.ending, c[0], c[1], c[2], c[3], c[4], c[5], c[6],
       c[7], c[8], c[9], c[10]});
  PURSER_ASSERT(changed == 1);
}

void UsageRows::set_flags(const Id& request, std::uint32_t flags) {
  const auto changed =
      connection_.run("UPDATE usages SET flags = ?3 WHERE workspace = ?1 AND request = ?2",
                      {workspace_, request, flags});
  PURSER_ASSERT(changed == 1);
}

void UsageRows::adjust(const Id& id, const Id& request, std::uint64_t sequence, Nanos delta,
                       const AccountRefs& accounts, Instant at, std::string_view reason) {
  const std::string blob = encode_accounts(accounts);
  connection_.run(
      "INSERT INTO adjustments (workspace, id, request, sequence, delta_nanos, accounts, at, "
      "reason) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
      {workspace_, id, request, static_cast<std::int64_t>(sequence), delta, as_bytes(blob), at,
       reason});
}

audit::Hash usage_digest(const audit::Hash& previous, const Id& request, Instant reserved_at,
                         Instant settled_at, Nanos hold, Nanos cost, const Attribution& who,
                         std::string_view model) {
  return audit::FieldHasher(previous)
      .add(request)
      .add(reserved_at.time_since_epoch().count())
      .add(settled_at.time_since_epoch().count())
      .add(hold.count())
      .add(cost.count())
      .add(who.user)
      .add(who.team)
      .add(who.key)
      .add(who.project)
      .add(who.label)
      .add(who.task)
      .add(model)
      .finish();
}

}  // namespace purser::store
