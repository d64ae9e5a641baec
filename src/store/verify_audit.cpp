#include "audit_rows.h"
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
  check_audit_rows(connection_, workspace_, chain, [&](const audit::Entry& entry) {
    if (entry.action == kUsageDayAction) check_day(entry);
  });
  for (const audit::Finding& finding : chain.findings()) problems_.add(finding.sentence);
  const Progress progress = load_progress(connection_, workspace_);
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
  report.audit_head = audit::to_hex(chain.head().hash);
}

}  // namespace purser::store
