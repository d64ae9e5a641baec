#include "cycles.h"

#include "command_log.h"
#include "purser/base/check.h"
#include "scope_text.h"

namespace purser::store {

AccountEntry account_at(const CapEntry& entry, const Calendar& calendar, Instant now) {
  const ledger::Cap& cap = entry.cap;
  if (entry.latest && now < entry.latest->account.cycle_end) {
    AccountEntry current = *entry.latest;
    if (has_expired_raise(entry, now)) current.account.limit = cap.limit;
    return current;
  }
  const Cycle cycle = entry.latest
                          ? calendar.cycle_after(cap.period, entry.latest->account.cycle_end, now)
                          : calendar.cycle_containing(cap.period, now);
  AccountEntry fresh;
  ledger::Account& account = fresh.account;
  account.cap = cap.id;
  account.scope = cap.scope;
  account.period = cap.period;
  account.enforcement = cap.enforcement;
  account.cycle_start = cycle.start;
  account.cycle_end = cycle.end;
  account.limit = cap.limit_at(now);
  account.limit_version = cap.limit_version;
  account.thresholds = cap.thresholds;
  account.ended = cap.ended;
  return fresh;
}

bool has_expired_raise(const CapEntry& cap, Instant now) {
  return cap.cap.temporary && cap.cap.temporary->until <= now;
}

void end_expired_raise(Writer& writer, const ledger::Scope& scope, const Id& cap_id) {
  const CapEntry* entry = writer.state.scopes.find(scope)->find(cap_id);
  if (entry == nullptr || !has_expired_raise(*entry, writer.now)) return;
  AccountEntry account = account_at(*entry, *writer.state.calendar, writer.now);
  if (account.opened_sequence == 0) account.opened_sequence = writer.sequence();
  ledger::AccountSet set;
  set.caps.push_back(entry->cap);
  set.accounts.push_back(account.account);
  const std::string before = cap_json(entry->cap);
  const Nanos old_limit = entry->cap.temporary->limit;
  const ledger::Outcome outcome = ledger::apply(set, writer.now, ledger::EndRaise{cap_id});
  PURSER_ASSERT(outcome.decision == ledger::Decision::granted);
  log_ledger_step(writer, ledger::EndRaise{cap_id});
  account.account = set.accounts[0];
  account.note_excess(kLimitChanged);
  save_cap(writer, set.caps[0]);
  writer.put_account(std::move(account));
  AuditEntry audit;
  audit.actor = system_actor();
  audit.action = "cap.end_raise";
  audit.target = cap_target(cap_id);
  audit.from = before;
  audit.to = cap_json(set.caps[0]);
  audit.reason = "The raise's or move's time is over.";
  const Cause cause{{}, audit.actor.name, audit.reason};
  writer.announce(outcome, set.accounts, cause);
  writer.announce_limit(set.accounts[0], old_limit, std::nullopt, cause);
  writer.audit(audit);
}

void save_cap(Writer& writer, const ledger::Cap& cap) {
  CapEntry* entry = writer.state.scopes.edit(cap.scope).find(cap.id);
  PURSER_ASSERT(entry != nullptr);
  entry->cap = cap;
  std::optional<Nanos> temporary_limit;
  std::optional<Instant> temporary_until;
  if (cap.temporary) {
    temporary_limit = cap.temporary->limit;
    temporary_until = cap.temporary->until;
  }
  const auto changed = writer.connection.run(
      "UPDATE caps SET limit_nanos = ?3, temporary_limit_nanos = ?4, temporary_until = ?5, "
      "limit_version = ?6, template = ?7 WHERE workspace = ?1 AND id = ?2",
      {writer.workspace, cap.id, cap.limit, temporary_limit, temporary_until, cap.limit_version,
       entry->template_id});
  PURSER_ASSERT(changed == 1);
  writer.wrote = true;
}

}  // namespace purser::store
