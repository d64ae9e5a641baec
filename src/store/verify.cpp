#include "snapshot.h"
#include "verify_parts.h"

namespace purser::store {
namespace {

// Versions of the schema: a copy of an older one is verified as it is.
constexpr int kFirstWithParts = 7;
constexpr int kFirstWithHoldRows = 8;

void each_usage(Connection& connection, const Id& workspace,
                const std::function<void(const VerifiedUsage&)>& take) {
  connection.each(
      "SELECT request, sequence, hold_nanos, cost_nanos, flags, accounts, reserved_at, settled_at, "
      "user, team, membership, key, project, label, task, model, input_tokens, "
      "cached_input_tokens, cache_write_5m_tokens, cache_write_1h_tokens, output_tokens, "
      "input_audio_tokens, cached_input_audio_tokens, output_audio_tokens, reasoning_tokens, "
      "web_searches, tool_calls FROM usages WHERE workspace = ?1 ORDER BY sequence",
      {workspace}, [&](const Row& row) {
        VerifiedUsage usage;
        usage.request = row.id(0);
        usage.sequence = static_cast<std::uint64_t>(row.integer(1));
        usage.hold = row.nanos(2);
        usage.cost = row.nanos(3);
        usage.flags = static_cast<std::uint32_t>(row.integer(4));
        usage.accounts = decode_accounts(row.bytes(5));
        usage.reserved_at = row.instant(6);
        usage.settled_at = row.instant(7);
        usage.who.user = row.id(8);
        usage.who.team = row.id(9);
        usage.who.membership = row.id(10);
        usage.who.key = row.id(11);
        usage.who.project = row.id(12);
        usage.who.label = row.id(13);
        usage.who.task = row.id(14);
        usage.model = row.text(15);
        for (std::size_t i = 0; i < kCountColumns; ++i)
          usage.counts[i] = row.integer(16 + static_cast<int>(i));
        take(usage);
      });
}

void check_usage(const VerifiedUsage& usage, Problems& problems) {
  const std::string which = "Usage " + to_text("req", usage.request);
  if (usage.cost < Nanos{0}) problems.add(which + " has a cost below zero.");
  if (usage.cost > usage.hold && (usage.flags & kOverspend) == 0)
    problems.add(which + " cost more than its hold and is not flagged as an overspend.");
}

void check_engine(Connection& connection, Problems& problems) {
  connection.each("PRAGMA quick_check(100)", {}, [&](const Row& row) {
    if (row.text(0) != "ok") problems.add("The file is damaged: " + std::string(row.text(0)) + ".");
  });
}

// The row of a hold that has ended stays for a while, with the number that its usage has too.
void check_no_request_twice(Connection& connection, const Id& workspace, Problems& problems) {
  const bool has_ended_rows = connection.integer("PRAGMA user_version") >= kFirstWithHoldRows;
  connection.each(
      "SELECT h.request FROM " + std::string(has_ended_rows ? "hold_rows" : "holds") +
          " h JOIN usages u ON u.workspace = h.workspace AND u.request = h.request WHERE "
          "h.workspace = ?1" +
          (has_ended_rows ? " AND h.sequence <> u.reserve_sequence" : ""),
      {workspace}, [&](const Row& row) {
        problems.add("Request " + to_text("req", row.id(0)) + " is held and settled at once.");
      });
}

void check_released(Connection& connection, const Id& workspace, Problems& problems) {
  connection.each(
      "SELECT u.request FROM usages u WHERE u.workspace = ?1 AND u.flags & ?2 AND u.cost_nanos + "
      "(SELECT COALESCE(SUM(a.delta_nanos), 0) FROM adjustments a WHERE a.workspace = u.workspace "
      "AND a.request = u.request) <> 0",
      {workspace, static_cast<int>(kReleased)}, [&](const Row& row) {
        problems.add("Usage " + to_text("req", row.id(0)) +
                     " is flagged as released, but has a cost.");
      });
}

void check_sequence(Connection& connection, const Id& workspace, Problems& problems) {
  const auto newest = connection.integer(
      "SELECT MAX(COALESCE((SELECT MAX(sequence) FROM usages WHERE workspace = ?1), 0), "
      "COALESCE((SELECT MAX(sequence) FROM holds WHERE workspace = ?1), 0))",
      {workspace});
  const auto progress =
      connection.integer("SELECT sequence FROM progress WHERE workspace = ?1", {workspace});
  if (newest > progress)
    problems.add("The newest command's number is " + std::to_string(newest) +
                 ", but the store's progress says " + std::to_string(progress) + ".");
}

// What the views `accounts` and `rollups` do not show.
void check_parts(Connection& connection, Problems& problems) {
  if (connection.integer("PRAGMA user_version") < kFirstWithParts) return;
  const auto balances = connection.integer(
      "SELECT COUNT(*) FROM recent_balances WHERE account NOT IN (SELECT number FROM "
      "account_rows)");
  if (balances > 0)
    problems.add("There are balances of an account that is not there: " + std::to_string(balances) +
                 ".");
  const auto sums = connection.integer(
      "SELECT COUNT(*) FROM rollup_sums WHERE rollup NOT IN (SELECT number FROM rollup_rows)");
  if (sums > 0)
    problems.add("There are sums of a rollup that is not there: " + std::to_string(sums) + ".");
}

void check_workspace(Connection& connection, const Id& workspace, Problems& problems,
                     VerifyReport& report) {
  AccountsCheck accounts(connection, workspace, problems);
  RollupsCheck rollups(connection, workspace, problems);
  AuditCheck audit(connection, workspace, problems);
  each_usage(connection, workspace, [&](const VerifiedUsage& usage) {
    ++report.usages;
    check_usage(usage, problems);
    accounts.take(usage);
    rollups.take(usage);
    audit.take(usage);
  });
  accounts.finish(report);
  rollups.finish();
  audit.finish(report);
  check_no_request_twice(connection, workspace, problems);
  check_released(connection, workspace, problems);
  check_sequence(connection, workspace, problems);
}

}  // namespace

void Problems::add(std::string sentence) {
  if (sentences_.size() < kMost)
    sentences_.push_back(std::move(sentence));
  else
    ++left_out_;
}

std::vector<std::string> Problems::take() {
  if (left_out_ > 0) sentences_.push_back("And " + std::to_string(left_out_) + " more.");
  return std::move(sentences_);
}

std::string usd_text(Wide nanos) {
  if (nanos > INT64_MAX || nanos < -INT64_MAX) return "an amount beyond 64 bits";
  return "USD " + format_usd(Nanos{static_cast<std::int64_t>(nanos)});
}

Result<VerifyReport> verify(const std::string& directory_or_file) {
  VerifyReport report;
  const auto done = read_snapshot(directory_or_file, [&](Connection& connection) {
    Problems problems;
    check_engine(connection, problems);
    check_parts(connection, problems);
    std::vector<Id> workspaces;
    connection.each("SELECT id FROM workspaces", {},
                    [&](const Row& row) { workspaces.push_back(row.id(0)); });
    for (const Id& workspace : workspaces) check_workspace(connection, workspace, problems, report);
    report.problems = problems.take();
  });
  if (!done) return done.error();
  return report;
}

}  // namespace purser::store
