// Adjustments: what a usage turned out to cost, booked into every account whose balance has the
// usage in it.
#include <algorithm>

#include "command_log.h"
#include "commands.h"
#include "json_text.h"
#include "purser/base/check.h"
#include "purser/base/id.h"

namespace purser::store {
namespace {

// Those in the usage's list, and those of caps made after it was settled: they took it from the
// books when they were opened.
std::vector<AccountKey> accounts_with(Writer& writer, const FoundUsage& usage) {
  std::vector<AccountKey> keys = usage.accounts;
  writer.flush();
  for (const ledger::Scope& scope : scopes_of(writer.workspace, usage.attribution))
    writer.connection.each(
        "SELECT a.cap, a.cycle_start FROM caps c JOIN accounts a ON a.workspace = c.workspace AND "
        "a.cap = c.id WHERE c.workspace = ?1 AND c.scope_kind = ?2 AND c.scope_id = ?3 AND "
        "a.cycle_start <= ?4 AND a.cycle_end > ?4 AND a.opened_sequence > ?5",
        {writer.workspace, static_cast<int>(scope.kind), scope.id, usage.reserved_at,
         static_cast<std::int64_t>(usage.sequence)},
        [&](const Row& row) {
          const AccountKey key{row.id(0), row.instant(1)};
          if (std::find(keys.begin(), keys.end(), key) == keys.end()) keys.push_back(key);
        });
  return keys;
}

}  // namespace

ledger::Outcome adjust_usage(Writer& writer, const Id& request, const FoundUsage& usage,
                             Nanos exact_cost, const Actor& actor, std::string_view reason,
                             std::vector<ledger::Account>& accounts) {
  const Id id = make_id(writer.env);
  const Nanos delta = exact_cost - usage.cost;
  log_adjust(writer, request, delta);
  ledger::Outcome outcome;
  AccountRefs refs;
  // In sets of what the ledger takes at once: caps made since may be more than a hold ever had.
  std::vector<AccountKey> keys = accounts_with(writer, usage);
  for (std::size_t first = 0; first < keys.size(); first += ledger::kMaxAccounts) {
    const auto part =
        std::span(keys).subspan(first, std::min(ledger::kMaxAccounts, keys.size() - first));
    ledger::AccountSet set;
    std::vector<AccountEntry> entries;
    for (const AccountKey& key : part) {
      const AccountEntry* entry = writer.find_account(key);
      PURSER_ASSERT(entry != nullptr);
      entries.push_back(*entry);
      set.accounts.push_back(entry->account);
      refs.push_back(entry->ref());
    }
    outcome = ledger::apply(set, writer.now, ledger::Adjust{id, delta});
    for (std::size_t i = 0; i < entries.size(); ++i) {
      entries[i].account = set.accounts[i];
      entries[i].note_excess(kAdjusted);
      writer.put_account(std::move(entries[i]));
    }
    writer.announce(outcome, set.accounts, {request, {}, {}});
    accounts.insert(accounts.end(), set.accounts.begin(), set.accounts.end());
  }
  outcome.amount = delta;
  writer.usages.adjust(id, request, writer.sequence(), delta, refs, writer.now, reason);
  writer.rollups.add(usage.attribution,
                     model_id(usage.attribution.provider, usage.attribution.asked_model),
                     usage.reserved_at, 0, delta, {});
  AuditEntry audit;
  audit.actor = actor;
  audit.action = "usage.adjust";
  audit.target = "request/" + to_text("req", request);
  audit.from = JsonObject().add("cost_usd", usage.cost).text();
  audit.to = JsonObject().add("cost_usd", exact_cost).text();
  audit.reason = reason;
  writer.audit(audit);
  return outcome;
}

}  // namespace purser::store
