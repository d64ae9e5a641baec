#include "writer.h"

#include <algorithm>
#include <utility>

#include "command_log.h"

namespace purser::store {

Actor system_actor() { return {{}, "purser"}; }

Writer::Writer(Connection& used, const Id& workspace_id, Env& environment,
               const StoreOptions& options)
    : connection(used),
      workspace(workspace_id),
      env(environment),
      holds(used, workspace_id, options.hold_rows),
      usages(used, workspace_id),
      rollups(used, workspace_id),
      audit_rows(used, workspace_id),
      events(used, workspace_id),
      account_rows_(used, workspace_id, options.recent_balances) {}

void Writer::begin_command(Instant ledger_now) {
  now = ledger_now;
  ++progress.sequence;
  progress.ledger_time = std::max(progress.ledger_time, now);
  steps.clear();
  if (audit_rows.close_day(progress, now)) wrote = true;
}

void Writer::audit(const AuditEntry& entry) {
  audit_rows.append(progress, now, entry);
  wrote = true;
}

void Writer::log_command(std::string_view command, std::string_view inputs,
                         std::string_view outcome) {
  connection.run(
      "INSERT INTO command_log (workspace, sequence, at, command, inputs, outcome) VALUES (?1, ?2, "
      "?3, ?4, ?5, ?6)",
      {workspace, static_cast<std::int64_t>(sequence()), now, command, inputs, outcome});
  wrote = true;
}

void Writer::put_account(AccountEntry entry) {
  if (command_log && entry.opened_sequence == sequence()) log_open_cycle(*this, entry.account);
  entry.saved = false;
  wrote = true;
  const AccountKey key{entry.account.cap, entry.account.cycle_start};
  const ledger::Scope scope = entry.account.scope;
  const ScopeEntry* known = state.scopes.find(scope);
  const CapEntry* cap = known == nullptr ? nullptr : known->find(key.cap);
  const bool is_latest =
      cap != nullptr && (!cap->latest || cap->latest->account.cycle_start <= key.cycle_start);
  if (!is_latest) {
    has_unsaved_older_ = true;
    state.older_accounts.put(key, std::move(entry));
    return;
  }
  CapEntry& edited = *state.scopes.edit(scope).find(key.cap);
  if (edited.latest && edited.latest->account.cycle_start != key.cycle_start) {
    const AccountEntry& previous = *edited.latest;
    if (previous.account.held > Nanos{0} || !previous.saved) {
      has_unsaved_older_ = true;
      state.older_accounts.put({key.cap, previous.account.cycle_start}, previous);
    }
  }
  edited.latest = std::move(entry);
  unsaved_scopes_.push_back(scope);
}

const AccountEntry* Writer::find_account(const AccountKey& key) {
  if (const ledger::Scope* scope = state.scope_of_cap.find(key.cap)) {
    const CapEntry* cap = state.scopes.find(*scope)->find(key.cap);
    PURSER_ASSERT(cap != nullptr);
    if (cap->latest && cap->latest->account.cycle_start == key.cycle_start) return &*cap->latest;
  }
  if (const AccountEntry* older = state.older_accounts.find(key)) return older;
  auto loaded = load_account(connection, workspace, key);
  if (!loaded) return nullptr;
  return &state.older_accounts.put(key, std::move(*loaded));
}

void Writer::announce(const ledger::Outcome& outcome, std::span<const ledger::Account> accounts,
                      const Cause& cause) {
  if (outcome.transitions.empty()) return;
  if (events.add_transitions(moment(), outcome, accounts, cause)) wrote = true;
}

void Writer::announce_limit(const ledger::Account& account, Nanos old_limit,
                            std::optional<Instant> until, const Cause& cause) {
  if (account.limit == old_limit && !account.ended) return;
  events.add_limit_change(moment(), account, old_limit, until, cause);
  wrote = true;
}

void Writer::announce_running_out(const ledger::Account& account, Instant at) {
  if (events.add_running_out(moment(), account, at)) wrote = true;
}

void Writer::announce(const Event& event) {
  events.add(moment(), make_id(env), event);
  wrote = true;
}

void Writer::mark_overspent(const Id& request, const std::string& model, Nanos overspend) {
  state.overspent_models.put(model, true);
  log_overspent(*this, model, true);
  overspend_in_batch += overspend;
  connection.run(
      "INSERT INTO model_overspends (workspace, model, since, overspend_nanos, requests, open) "
      "VALUES (?1, ?2, ?3, ?4, 1, 1) ON CONFLICT DO UPDATE SET since = CASE WHEN open THEN since "
      "ELSE ?3 END, overspend_nanos = overspend_nanos + ?4, requests = requests + 1, open = 1",
      {workspace, model, now, overspend});
  events.add_overspend(moment(), request, model, overspend);
  wrote = true;
}

void Writer::save_accounts() {
  for (const ledger::Scope& scope : unsaved_scopes_)
    for (CapEntry& cap : state.scopes.edit(scope).caps)
      if (cap.latest && !cap.latest->saved) account_rows_.save(*cap.latest);
  unsaved_scopes_.clear();
  if (!std::exchange(has_unsaved_older_, false)) return;
  for (auto& [key, entry] : state.older_accounts.changes()) {
    if (!entry) continue;
    if (!entry->saved) account_rows_.save(*entry);
    // Nothing will touch it but a late adjustment, which reads the file.
    if (entry->account.held == Nanos{0}) entry.reset();
  }
}

void Writer::flush() {
  save_accounts();
  rollups.flush();
}

void Writer::finish_batch() {
  flush();
  account_rows_.keep_bound();
  if (wrote) audit_rows.save(progress);
}

void Writer::load() {
  progress = load_progress(connection, workspace);
  account_rows_.check();
  state.load(connection, workspace);
  account_rows_.recount();
  holds.take_slots(state.holds);
  rollups.discard();
  wrote = false;
}

void Writer::discard() {
  state.discard();
  unpriced_noted.clear();
  unsaved_scopes_.clear();
  has_unsaved_older_ = false;
  rollups.discard();
  wrote = false;
}

Writer::Checkpoint Writer::checkpoint() const { return {state.checkpoint(), progress, wrote}; }

void Writer::restore(const Checkpoint& saved) {
  state.restore(*saved.state);
  progress = saved.progress;
  wrote = saved.wrote;
  unsaved_scopes_.clear();
  has_unsaved_older_ = false;
  account_rows_.recount();
  holds.take_slots(state.holds);
  rollups.discard();
}

}  // namespace purser::store
