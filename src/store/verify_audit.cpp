#include <algorithm>

#include "audit_writer.h"
#include "verify_parts.h"

namespace purser::store {

void AuditCheck::take(const VerifiedUsage& usage) {
  Day& day = days_[day_of(usage.settled_at)];
  ++day.usages;
  day.digest = usage_digest(day.digest, usage.request, usage.reserved_at, usage.settled_at,
                            usage.hold, usage.cost, usage.who, usage.model);
}

void AuditCheck::check_day(const audit::Entry& entry) {
  for (auto& [number, day] : days_) {
    const Instant midnight{std::chrono::days{number}};
    if (format_instant(midnight).substr(0, 10) != entry.target) continue;
    if (entry.to != usage_day_json(number, day.usages, day.digest))
      problems_.add("The usage of " + entry.target +
                    " is not what was put on record at the end of that day.");
    day.on_record = true;
    return;
  }
  problems_.add("The usage of " + entry.target + " was put on record, and is gone.");
}

void AuditCheck::finish(VerifyReport& report) {
  audit::ChainCheck chain;
  connection_.each(
      "SELECT sequence, at, actor, actor_name, action, target, from_value, to_value, reason, hash "
      "FROM audit WHERE workspace = ?1 ORDER BY sequence",
      {workspace_}, [&](const Row& row) {
        audit::Entry entry;
        entry.workspace = workspace_;
        entry.sequence = static_cast<std::uint64_t>(row.integer(0));
        entry.at = row.instant(1);
        entry.actor = row.id(2);
        entry.actor_name = row.text(3);
        entry.action = row.text(4);
        entry.target = row.text(5);
        entry.from = row.text(6);
        entry.to = row.text(7);
        entry.reason = row.text(8);
        audit::Hash hash{};
        const auto stored = row.bytes(9);
        std::copy_n(stored.begin(), std::min(stored.size(), hash.size()), hash.begin());
        chain.take(entry, hash);
        if (entry.action == kUsageDayAction) check_day(entry);
      });
  for (const std::string& problem : chain.problems()) problems_.add(problem);
  const Progress progress = load_progress(connection_, workspace_);
  if (chain.last_sequence() != progress.audit_sequence || chain.head() != progress.audit_hash)
    problems_.add("The audit trail ends at entry " + std::to_string(chain.last_sequence()) +
                  ", but the store wrote " + std::to_string(progress.audit_sequence) +
                  ": the newest entries are missing or were changed.");
  Day& today = days_[progress.digest_day];
  if (today.usages != progress.digest_count || today.digest != progress.digest_hash)
    problems_.add("The usage of the current day is not what the store wrote.");
  today.on_record = true;
  for (const auto& [number, day] : days_)
    if (!day.on_record)
      problems_.add("The usage of " +
                    format_instant(Instant{std::chrono::days{number}}).substr(0, 10) +
                    " was never put on record.");
  report.audit_entries += chain.entries();
  report.audit_head = audit::to_hex(chain.head());
}

}  // namespace purser::store
