#include <algorithm>

#include "commands.h"
#include "cycles.h"
#include "json_text.h"
#include "purser/base/check.h"

namespace purser::store {
namespace {

constexpr std::size_t kMaxExplanationBytes = 4096;

struct LoadedAccounts {
  ledger::AccountSet set;
  boost::container::static_vector<AccountEntry, ledger::kMaxAccounts> entries;
};

// Every cap of the named scopes, in its current cycle.
void load(Writer& writer, const ledger::ScopeList& scopes, LoadedAccounts& loaded) {
  for (const ledger::Scope& scope : scopes) {
    const ScopeEntry* entry = writer.state.scopes.find(scope);
    if (entry == nullptr) {
      loaded.set.scopes.push_back({scope, false, 0});
      continue;
    }
    for (std::size_t i = 0; i < entry->caps.size(); ++i) {
      if (!has_expired_raise(entry->caps[i], writer.now)) continue;
      end_expired_raise(writer, scope, entry->caps[i].cap.id);
      entry = writer.state.scopes.find(scope);
    }
    loaded.set.scopes.push_back({scope, entry->stopped, entry->open_caps});
    for (const CapEntry& cap : entry->caps) {
      loaded.entries.push_back(account_at(cap, *writer.state.calendar, writer.now));
      loaded.set.accounts.push_back(loaded.entries.back().account);
    }
  }
}

bool names_all_scopes(const Writer& writer, const ReserveRequest& request) {
  const ledger::ScopeList expected = scopes_of(writer.workspace, request.attribution);
  const ledger::ScopeList& named = request.reserve.scopes;
  return std::is_permutation(expected.begin(), expected.end(), named.begin(), named.end());
}

// Accounts that changed go back into the state: on a grant all of them, else those that a refusal
// has reached.
void store_accounts(Writer& writer, LoadedAccounts& loaded) {
  for (std::size_t i = 0; i < loaded.entries.size(); ++i) {
    AccountEntry& entry = loaded.entries[i];
    if (entry.account == loaded.set.accounts[i] && entry.opened_sequence != 0) continue;
    if (entry.opened_sequence == 0) entry.opened_sequence = writer.sequence();
    entry.account = loaded.set.accounts[i];
    entry.note_excess(0);
    writer.put_account(entry);
  }
}

void insert_hold(Writer& writer, const ReserveRequest& request, const ledger::Outcome& outcome,
                 const LoadedAccounts& loaded) {
  auto body = std::make_shared<HoldBody>();
  body->request = request.reserve.request;
  body->epoch = writer.epoch;
  body->sequence = writer.sequence();
  body->amount = outcome.amount;
  body->form = outcome.form;
  body->reserved_at = writer.now;
  body->attribution = request.attribution;
  body->price_id = request.price_id;
  body->price_version = request.price_version;
  body->explanation = request.explanation.size() <= kMaxExplanationBytes
                          ? request.explanation
                          : JsonObject().add("left_out", "longer than 4 KiB").text();
  HoldEntry hold;
  for (const AccountEntry& entry : loaded.entries) hold.accounts.push_back(entry.ref());
  hold.body = std::move(body);
  writer.holds.insert(hold);
  writer.state.holds.put(request.reserve.request, std::move(hold));
  writer.rollups.use_task(request.attribution, writer.now);
  writer.wrote = true;
}

// The request was reserved before: what it was given then.
bool find_duplicate(Writer& writer, const Id& request, CommandResult& result) {
  if (const HoldEntry* hold = writer.state.holds.find(request)) {
    result.outcome.amount = hold->body->amount;
    result.outcome.form = hold->body->form;
    for (const AccountRef& account : hold->accounts)
      result.accounts.push_back(writer.find_account(account.key)->account);
  } else if (writer.usages.exists(request)) {
    const auto usage = writer.usages.find(request);
    result.outcome.amount = usage->hold;
    result.outcome.form = usage->form;
  } else {
    return false;
  }
  result.status = StoreStatus::duplicate;
  return true;
}

}  // namespace

CommandResult reserve(Writer& writer, const ReserveRequest& request) {
  PURSER_ASSERT(names_all_scopes(writer, request));
  CommandResult result;
  result.at = writer.now;
  result.sequence = writer.sequence();
  if (find_duplicate(writer, request.reserve.request, result)) return result;
  const std::int64_t* version = writer.state.identity_versions.find(request.attribution.key);
  if (version == nullptr || *version != request.identity_version) {
    result.status = StoreStatus::stale_identity;
    return result;
  }

  LoadedAccounts loaded;
  load(writer, request.reserve.scopes, loaded);
  result.outcome = ledger::apply(loaded.set, writer.now, request.reserve);
  if (result.outcome.decision == ledger::Decision::granted) {
    store_accounts(writer, loaded);
    insert_hold(writer, request, result.outcome, loaded);
    writer.announce(result.outcome, loaded.set.accounts, {request.reserve.request, {}, {}});
  } else if (!result.outcome.transitions.empty()) {
    store_accounts(writer, loaded);
    writer.announce(result.outcome, loaded.set.accounts, {request.reserve.request, {}, {}});
  }
  result.accounts.assign(loaded.set.accounts.begin(), loaded.set.accounts.end());
  result.status = StoreStatus::done;
  return result;
}

}  // namespace purser::store
