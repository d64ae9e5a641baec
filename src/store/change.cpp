#include "change.h"

#include <algorithm>

#include "command_log.h"
#include "commands.h"
#include "cycles.h"
#include "json_text.h"
#include "purser/base/check.h"
#include "scope_text.h"

namespace purser::store {
namespace {

std::string_view action_of(const ledger::Command& command) {
  if (std::holds_alternative<ledger::EndCap>(command)) return "cap.end";
  if (std::holds_alternative<ledger::Raise>(command)) return "cap.raise";
  return "cap.end_raise";
}

Error not_possible(std::string why) { return {"not_possible", std::move(why), Side::client}; }

Error no_such_cap(const Id& cap) {
  return not_possible("There is no open cap " + to_text("cap", cap) + ".");
}

}  // namespace

Sql& ChangeInBatch::sql() {
  // Whatever the body runs may write; what it reads must be what the batch has done so far.
  writer_.flush();
  writer_.wrote = true;
  return writer_.connection;
}

void ChangeInBatch::audit_cap(std::string_view action, const Id& cap, std::string from,
                              std::string to, const Actor& actor, std::string_view reason) {
  AuditEntry entry;
  entry.actor = actor;
  entry.action = action;
  entry.target = cap_target(cap);
  entry.from = std::move(from);
  entry.to = std::move(to);
  entry.reason = reason;
  writer_.audit(entry);
}

// One decision, one entry: it names the giver and the taker.
void ChangeInBatch::audit_move(std::span<const ledger::Cap> caps,
                               std::span<const std::string> before,
                               std::span<const std::string> after, const Actor& actor,
                               std::string_view reason) {
  PURSER_ASSERT(caps.size() == 2 && before.size() == 2 && after.size() == 2);
  const auto both = [&](std::span<const std::string> states) {
    return JsonObject().add_json("giver", states[0]).add_json("taker", states[1]).text();
  };
  AuditEntry entry;
  entry.actor = actor;
  entry.action = "cap.reallocate";
  entry.target = cap_target(caps[0].id) + " " + cap_target(caps[1].id);
  entry.from = both(before);
  entry.to = both(after);
  entry.reason = reason;
  writer_.audit(entry);
}

void ChangeInBatch::announce_running_out(const Id& cap, Instant at) {
  const ledger::Scope* scope = writer_.state.scope_of_cap.find(cap);
  if (scope == nullptr) return;
  const CapEntry* entry = writer_.state.scopes.find(*scope)->find(cap);
  PURSER_ASSERT(entry != nullptr);
  writer_.announce_running_out(account_at(*entry, *writer_.state.calendar, writer_.now).account,
                               at);
}

Result<Id> ChangeInBatch::set_cap(const CapSpec& spec, const Actor& actor,
                                  std::string_view reason) {
  const bool is_task = spec.scope.kind == ledger::ScopeKind::task;
  if (is_task != (spec.period == Period::none))
    return not_possible("A task's cap has no period, and every other cap has one.");
  if (spec.limit < Nanos{0} || spec.limit > kMaxAmount)
    return not_possible("A limit is from 0 to USD " + format_usd(kMaxAmount) + ".");
  if (const ScopeEntry* scope = writer_.state.scopes.find(spec.scope)) {
    for (const CapEntry& entry : scope->caps)
      if (entry.cap.period == spec.period && entry.cap.enforcement == spec.enforcement)
        return change_limit(spec, Id(entry.cap.id), actor, reason);
    if (scope->caps.size() == ledger::kMaxCapsOfScope)
      return Error{"too_many_caps",
                   "This " + std::string(name(spec.scope.kind)) +
                       " has four caps already, the most there can be. End one first.",
                   Side::client};
  }
  return make_cap(spec, actor, reason);
}

Result<Id> ChangeInBatch::change_limit(const CapSpec& spec, const Id& cap, const Actor& actor,
                                       std::string_view reason) {
  end_expired_raise(writer_, spec.scope, cap);
  log_set_cap(writer_, cap, spec);
  CapEntry& entry = *writer_.state.scopes.edit(spec.scope).find(cap);
  const std::string before = cap_json(entry.cap);
  entry.template_id = spec.template_id;
  if (entry.cap.limit == spec.limit && !entry.cap.temporary) {
    // The same limit again is no new version of it: alerts stay as they are.
    save_cap(writer_, ledger::Cap(entry.cap));
    audit_cap("cap.set", cap, before, before, actor, reason);
    return cap;
  }
  AccountEntry account = account_at(entry, *writer_.state.calendar, writer_.now);
  if (account.opened_sequence == 0) account.opened_sequence = writer_.sequence();
  const Nanos old_limit = account.account.limit;
  ledger::AccountSet set;
  set.caps.push_back(entry.cap);
  set.accounts.push_back(account.account);
  const auto outcome = ledger::apply(set, writer_.now, ledger::SetCap{cap, spec.limit});
  PURSER_ASSERT(outcome.decision == ledger::Decision::granted);
  account.account = set.accounts[0];
  account.note_excess(kLimitChanged);
  save_cap(writer_, set.caps[0]);
  writer_.put_account(std::move(account));
  const Cause cause{{}, actor.name, reason};
  writer_.announce(outcome, set.accounts, cause);
  // A template's new limit is told to nobody: it may be that of hundreds.
  if (spec.template_id.is_zero()) {
    writer_.announce_limit(set.accounts[0], old_limit, std::nullopt, cause);
  }
  audit_cap("cap.set", cap, before, cap_json(set.caps[0]), actor, reason);
  return cap;
}

Result<ledger::Outcome> ChangeInBatch::apply(const ledger::Command& command, const Actor& actor,
                                             std::string_view reason) {
  if (const auto* end = std::get_if<ledger::EndCap>(&command))
    return change_caps(command, {end->cap}, actor, reason);
  if (const auto* raise = std::get_if<ledger::Raise>(&command))
    return change_caps(command, {raise->cap}, actor, reason);
  if (const auto* end_raise = std::get_if<ledger::EndRaise>(&command))
    return change_caps(command, {end_raise->cap}, actor, reason);
  if (const auto* move = std::get_if<ledger::Reallocate>(&command))
    return change_caps(command, {move->from, move->to}, actor, reason);
  if (const auto* stop = std::get_if<ledger::Stop>(&command))
    return set_stopped(command, stop->scope, actor, reason);
  if (const auto* resume = std::get_if<ledger::Resume>(&command))
    return set_stopped(command, resume->scope, actor, reason);
  return not_possible("A change cannot carry the command " + std::string(name(command)) + ".");
}

Result<ledger::Outcome> ChangeInBatch::change_caps(const ledger::Command& command,
                                                   std::initializer_list<Id> caps,
                                                   const Actor& actor, std::string_view reason) {
  ledger::AccountSet set;
  std::vector<AccountEntry> accounts;
  std::vector<std::string> before;
  for (const Id& cap : caps) {
    const ledger::Scope* known = writer_.state.scope_of_cap.find(cap);
    if (known == nullptr) return no_such_cap(cap);
    const ledger::Scope scope = *known;
    end_expired_raise(writer_, scope, cap);
    const CapEntry& entry = *writer_.state.scopes.find(scope)->find(cap);
    accounts.push_back(account_at(entry, *writer_.state.calendar, writer_.now));
    if (accounts.back().opened_sequence == 0) accounts.back().opened_sequence = writer_.sequence();
    set.caps.push_back(entry.cap);
    set.accounts.push_back(accounts.back().account);
    before.push_back(cap_json(entry.cap));
  }
  const auto outcome = ledger::apply(set, writer_.now, command);
  if (outcome.decision != ledger::Decision::granted) return outcome;
  log_ledger_step(writer_, command);
  const Cause cause{{}, actor.name, reason};
  std::vector<std::string> after;
  for (std::size_t i = 0; i < set.caps.size(); ++i) {
    const ledger::Cap& cap = set.caps[i];
    save_cap(writer_, cap);
    const Nanos old_limit = std::exchange(accounts[i].account, set.accounts[i]).limit;
    accounts[i].note_excess(kLimitChanged);
    writer_.put_account(std::move(accounts[i]));
    if (cap.ended) end_cap(cap);
    std::optional<Instant> until;
    if (cap.temporary) until = cap.temporary->until;
    writer_.announce_limit(set.accounts[i], old_limit, until, cause);
    after.push_back(cap_json(cap));
  }
  writer_.announce(outcome, set.accounts, cause);
  if (after.size() == 1)
    audit_cap(action_of(command), set.caps[0].id, before[0], after[0], actor, reason);
  else
    audit_move(set.caps, before, after, actor, reason);
  return outcome;
}

std::size_t ChangeInBatch::end_lapsed_raises(std::size_t most) {
  writer_.flush();
  std::vector<Id> caps;
  writer_.connection.each(
      "SELECT id FROM caps WHERE workspace = ?1 AND temporary_until <= ?2 AND ended_at IS NULL "
      "LIMIT ?3",
      {writer_.workspace, writer_.now, static_cast<std::int64_t>(most)},
      [&](const Row& row) { caps.push_back(row.id(0)); });
  for (const Id& cap : caps) {
    const ledger::Scope* scope = writer_.state.scope_of_cap.find(cap);
    PURSER_ASSERT(scope != nullptr);
    end_expired_raise(writer_, ledger::Scope(*scope), cap);
  }
  return caps.size();
}

// The cap leaves the open ones; its account stays for the settles of its open holds.
void ChangeInBatch::end_cap(const ledger::Cap& cap) {
  ScopeEntry& scope = edit_scope(writer_, cap.scope);
  CapEntry* entry = scope.find(cap.id);
  PURSER_ASSERT(entry != nullptr && entry->latest && scope.open_caps > 0);
  const AccountEntry account = *entry->latest;
  scope.caps.erase(scope.caps.begin() + (entry - scope.caps.data()));
  --scope.open_caps;
  writer_.state.scope_of_cap.erase(cap.id);
  writer_.put_account(account);
  save_scope(writer_, cap.scope);
  writer_.connection.run("UPDATE caps SET ended_at = ?3 WHERE workspace = ?1 AND id = ?2",
                         {writer_.workspace, cap.id, writer_.now});
}

Result<ledger::Outcome> ChangeInBatch::set_stopped(const ledger::Command& command,
                                                   const ledger::Scope& scope, const Actor& actor,
                                                   std::string_view reason) {
  log_ledger_step(writer_, command);
  ScopeEntry& entry = edit_scope(writer_, scope);
  ledger::AccountSet set;
  set.scopes.push_back({scope, entry.stopped, entry.open_caps});
  const auto outcome = ledger::apply(set, writer_.now, command);
  const bool was_stopped = entry.stopped;
  entry.stopped = set.scopes[0].stopped;
  entry.stop_reason = entry.stopped ? std::string(reason) : std::string();
  const bool stopped = entry.stopped;
  save_scope(writer_, scope);
  AuditEntry audit;
  audit.actor = actor;
  audit.action = stopped ? "scope.stop" : "scope.resume";
  audit.target = std::string(name(scope.kind)) + "/" + scope_id_text(scope);
  audit.from = JsonObject().add("stopped", was_stopped).text();
  audit.to = JsonObject().add("stopped", stopped).text();
  audit.reason = reason;
  writer_.audit(audit);
  if (stopped != was_stopped)
    announce({stopped ? EventKind::stopped : EventKind::resumed,
              scope,
              {},
              {},
              JsonObject()
                  .add("scope", name(scope.kind))
                  .add("scope_id", scope_id_text(scope))
                  .add("actor_name", actor.name)
                  .add("reason", reason)
                  .text()});
  return outcome;
}

Result<ledger::Outcome> ChangeInBatch::correct_usage(const Id& request, Nanos exact_cost,
                                                     const Actor& actor, std::string_view reason) {
  auto usage = writer_.usages.find(request);
  if (!usage) return not_possible("There is no usage " + to_text("req", request) + ".");
  if (exact_cost < Nanos{0} || exact_cost > kMaxAmount)
    return not_possible("A cost is from 0 to USD " + format_usd(kMaxAmount) + ".");
  usage->cost += Nanos{writer_.connection.integer(
      "SELECT COALESCE(SUM(delta_nanos), 0) FROM adjustments WHERE workspace = ?1 AND request = ?2",
      {writer_.workspace, request})};
  std::vector<ledger::Account> accounts;
  const auto outcome = adjust_usage(writer_, request, *usage, exact_cost, actor, reason, accounts);
  std::uint32_t flags = usage->flags & ~static_cast<std::uint32_t>(kUnconfirmed | kReleased);
  if (exact_cost == Nanos{0} && usage->hold > Nanos{0}) flags |= kReleased;
  writer_.usages.set_flags(request, flags);
  return outcome;
}

Result<void> ChangeInBatch::clear_overspend(std::string_view model, const Actor& actor,
                                            std::string_view reason) {
  const std::string key(model);
  ledger::AccountSet set;
  set.model_overspent = writer_.state.overspent_models.find(key) != nullptr;
  if (!set.model_overspent) return not_possible("The model " + key + " has no open overspend.");
  ledger::apply(set, writer_.now, ledger::ClearOverspend{});
  writer_.state.overspent_models.erase(key);
  log_overspent(writer_, model, false);
  writer_.connection.run("UPDATE model_overspends SET open = 0 WHERE workspace = ?1 AND model = ?2",
                         {writer_.workspace, model});
  AuditEntry audit;
  audit.actor = actor;
  audit.action = "overspend.clear";
  audit.target = "model/" + key;
  audit.from = JsonObject().add("overspent", true).text();
  audit.to = JsonObject().add("overspent", set.model_overspent).text();
  audit.reason = reason;
  writer_.audit(audit);
  return {};
}

void ChangeInBatch::raise_identity_version(const Id& key) {
  const auto changed = writer_.connection.run(
      "UPDATE keys SET identity_version = identity_version + 1 WHERE workspace = ?1 AND id = ?2",
      {writer_.workspace, key});
  writer_.wrote = true;
  if (changed == 0) {
    writer_.state.identity_versions.erase(key);
    log_identity(writer_, key, std::nullopt, false);
    return;
  }
  writer_.connection.each(
      "SELECT k.identity_version, k.revoked IS NULL AND u.deactivated IS NULL FROM keys k LEFT "
      "JOIN users u ON u.workspace = k.workspace AND u.id = k.user_id WHERE k.workspace = ?1 AND "
      "k.id = ?2",
      {writer_.workspace, key}, [&](const Row& row) {
        writer_.state.identity_versions.put(key, row.integer(0));
        log_identity(writer_, key, row.integer(0), row.boolean(1));
      });
}

void ChangeInBatch::reload_settings() {
  auto calendar = load_calendar(writer_.connection, writer_.workspace);
  if (!calendar) throw ChangeRefused(calendar.error());
  writer_.state.calendar = std::make_shared<const Calendar>(*calendar);
}

}  // namespace purser::store
