#include "audit_writer.h"

#include <algorithm>

#include "json_text.h"

namespace purser::store {
namespace {

std::span<const std::uint8_t> as_bytes(const audit::Hash& hash) { return hash; }

audit::Hash read_hash(const Row& row, int column) {
  audit::Hash hash{};
  const auto bytes = row.bytes(column);
  if (bytes.size() == hash.size()) std::copy(bytes.begin(), bytes.end(), hash.begin());
  return hash;
}

}  // namespace

std::int64_t day_of(Instant instant) {
  return std::chrono::floor<std::chrono::days>(instant).time_since_epoch().count();
}

Progress load_progress(Connection& connection, const Id& workspace) {
  Progress progress;
  connection.each(
      "SELECT sequence, ledger_time, audit_sequence, audit_hash, digest_day, digest_count, "
      "digest_hash FROM progress WHERE workspace = ?1",
      {workspace}, [&](const Row& row) {
        progress.sequence = static_cast<std::uint64_t>(row.integer(0));
        progress.ledger_time = row.instant(1);
        progress.audit_sequence = static_cast<std::uint64_t>(row.integer(2));
        progress.audit_hash = read_hash(row, 3);
        progress.digest_day = row.integer(4);
        progress.digest_count = row.integer(5);
        progress.digest_hash = read_hash(row, 6);
      });
  return progress;
}

AuditWriter::AuditWriter(Connection& connection, const Id& workspace)
    : workspace_(workspace),
      append_(connection.prepare(
          "INSERT INTO audit (workspace, sequence, at, actor, actor_name, action, target, "
          "from_value, to_value, reason, hash) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, "
          "?11)")),
      save_(connection.prepare(
          "UPDATE progress SET sequence = ?2, ledger_time = ?3, audit_sequence = ?4, audit_hash = "
          "?5, digest_day = ?6, digest_count = ?7, digest_hash = ?8 WHERE workspace = ?1")) {}

void AuditWriter::append(Progress& progress, Instant at, const AuditEntry& given) {
  audit::Entry entry;
  entry.workspace = workspace_;
  entry.sequence = progress.audit_sequence + 1;
  entry.at = at;
  entry.actor = given.actor.user;
  entry.actor_name = given.actor.name;
  entry.action = given.action;
  entry.target = given.target;
  entry.from = given.from;
  entry.to = given.to;
  entry.reason = given.reason;
  const audit::Hash hash = audit::entry_hash(progress.audit_hash, entry);
  append_->run({workspace_, static_cast<std::int64_t>(entry.sequence), at, entry.actor,
                entry.actor_name, entry.action, entry.target, entry.from, entry.to, entry.reason,
                as_bytes(hash)});
  progress.audit_sequence = entry.sequence;
  progress.audit_hash = hash;
}

std::string usage_day_json(std::int64_t day, std::int64_t usages, const audit::Hash& digest) {
  return JsonObject()
      .add("day", day)
      .add("usages", usages)
      .add("digest", audit::to_hex(digest))
      .text();
}

bool AuditWriter::close_day(Progress& progress, Instant now) {
  const std::int64_t today = day_of(now);
  if (today <= progress.digest_day) return false;
  const bool has_entry = progress.digest_count > 0;
  if (has_entry) {
    AuditEntry entry;
    entry.actor.name = "purser";
    entry.action = kUsageDayAction;
    const Instant day{std::chrono::days{progress.digest_day}};
    entry.target = format_instant(day).substr(0, 10);
    entry.to = usage_day_json(progress.digest_day, progress.digest_count, progress.digest_hash);
    append(progress, now, entry);
  }
  progress.digest_day = today;
  progress.digest_count = 0;
  progress.digest_hash = {};
  return has_entry;
}

void AuditWriter::save(const Progress& progress) {
  const auto changed =
      save_->run({workspace_, static_cast<std::int64_t>(progress.sequence), progress.ledger_time,
                  static_cast<std::int64_t>(progress.audit_sequence), as_bytes(progress.audit_hash),
                  progress.digest_day, progress.digest_count, as_bytes(progress.digest_hash)});
  PURSER_ASSERT(changed == 1);
}

}  // namespace purser::store
