#include <algorithm>

#include "commands.h"
#include "json_text.h"
#include "purser/base/check.h"
#include "scope_text.h"

namespace purser::store {
namespace {

// What a provider claims above this, and above the hold, is not believed: the sums of an account
// stay far from the ends of 64 bits, whatever an upstream says.
constexpr Nanos kLargestBelievedCost{1'000'000 * kNanosPerUsd};
constexpr Nanos kLargestBalance{8 * kMaxAmount.count()};

Nanos believed_cost(Nanos cost, const ledger::AccountSet& set) {
  PURSER_ASSERT(cost >= Nanos{0});
  Nanos most = std::max(set.hold, kLargestBelievedCost);
  for (const ledger::Account& account : set.accounts)
    most = std::min(most, std::max(set.hold, kLargestBalance - account.spent - account.held));
  return std::min(cost, most);
}

// Never silently free, and never silently dear: what was settled at its hold since the book lacks a
// price is told once for each price.
void audit_unpriced(Writer& writer, const HoldBody& hold, const SettleRequest& request) {
  constexpr std::size_t kMostNoted = 4096;
  if (writer.unpriced_noted.size() >= kMostNoted) return;
  if (!writer.unpriced_noted.insert(hold.price_id).second) return;
  AuditEntry audit;
  audit.actor = system_actor();
  audit.action = "usage.unpriced";
  audit.target = "price/" + hold.price_id;
  audit.to = JsonObject()
                 .add("request", to_text("req", hold.request))
                 .add("service_tier", request.service_tier)
                 .add("cost_usd", hold.amount)
                 .text();
  audit.reason =
      "The provider billed what the price book has no price for: the request was settled at its "
      "hold. Set the price with `purser prices set`, or update the book.";
  writer.audit(audit);
}

// The hold's end through the ledger, and all rows that follow from it.
CommandResult end_hold(Writer& writer, const HoldEntry& hold, const SettleRequest& request) {
  const HoldBody& body = *hold.body;
  const std::string model = model_id(body.attribution.provider, body.attribution.asked_model);
  ledger::AccountSet set;
  boost::container::small_vector<AccountEntry, 4> entries;
  for (const AccountRef& ref : hold.accounts) {
    const AccountEntry* entry = writer.find_account(ref.key);
    PURSER_ASSERT(entry != nullptr);
    entries.push_back(*entry);
    set.accounts.push_back(entry->account);
  }
  set.hold = body.amount;
  set.model_overspent = writer.state.overspent_models.find(body.price_id) != nullptr;

  CommandResult result;
  result.at = writer.now;
  result.sequence = writer.sequence();
  const bool unknown = (request.flags & kUnconfirmed) != 0;
  const Nanos cost = request.in_full ? body.amount : believed_cost(request.cost, set);
  result.outcome = unknown ? ledger::apply(set, writer.now, ledger::Expire{request.request})
                           : ledger::apply(set, writer.now, ledger::Settle{request.request, cost});
  std::uint32_t flags = request.flags;
  if (result.outcome.overspend > Nanos{0}) flags |= kOverspend;
  if (cost == Nanos{0} && body.amount > Nanos{0}) flags |= kReleased;

  for (std::size_t i = 0; i < entries.size(); ++i) {
    entries[i].account = set.accounts[i];
    entries[i].note_excess(result.outcome.overspend > Nanos{0} ? kOverspent : 0);
    writer.put_account(std::move(entries[i]));
  }
  writer.usages.insert({&hold, &request, cost, flags, writer.now, writer.sequence()}, model);
  writer.rollups.add(body.attribution, model, body.reserved_at, 1, cost, counts_of(request.counts));
  Progress& progress = writer.progress;
  progress.digest_hash = usage_digest(progress.digest_hash, body.request, body.reserved_at,
                                      writer.now, body.amount, cost, body.attribution, model);
  ++progress.digest_count;
  writer.announce(result.outcome, set.accounts, {request.request, {}, {}});
  if (result.outcome.overspend > Nanos{0})
    writer.mark_overspent(request.request, body.price_id, result.outcome.overspend);
  if ((flags & kUnpriced) != 0) audit_unpriced(writer, body, request);
  writer.holds.end(hold);
  writer.wrote = true;
  result.accounts.assign(set.accounts.begin(), set.accounts.end());
  result.status = StoreStatus::done;
  return result;
}

// The answer to a hold that a restart had settled in full.
CommandResult settle_late(Writer& writer, const SettleRequest& request, const FoundUsage& usage) {
  CommandResult result;
  result.at = writer.now;
  result.sequence = writer.sequence();
  result.status = StoreStatus::done;
  const Nanos cost = request.in_full ? usage.cost : std::min(request.cost, kLargestBelievedCost);
  result.outcome = adjust_usage(writer, request.request, usage, cost, system_actor(),
                                "The answer came after a restart.", result.accounts);
  std::uint32_t flags = (usage.flags & ~static_cast<std::uint32_t>(kUnconfirmed)) | request.flags;
  const std::string model = model_id(usage.attribution.provider, usage.attribution.asked_model);
  if (cost > usage.hold) {
    flags |= kOverspend;
    result.outcome.overspend = cost - usage.hold;
    writer.mark_overspent(request.request, usage.price_id, result.outcome.overspend);
  }
  if (cost == Nanos{0} && usage.hold > Nanos{0}) flags |= kReleased;
  writer.usages.confirm(request, flags);
  writer.rollups.add(usage.attribution, model, usage.reserved_at, 0, Nanos{0},
                     counts_of(request.counts));
  return result;
}

}  // namespace

CommandResult settle(Writer& writer, const SettleRequest& request) {
  if (const HoldEntry* open = writer.state.holds.find(request.request)) {
    const HoldEntry hold = *open;
    writer.state.holds.erase(request.request);
    return end_hold(writer, hold, request);
  }
  const auto usage = writer.usages.find(request.request);
  if (usage && (usage->flags & kUnconfirmed) != 0) return settle_late(writer, request, *usage);
  CommandResult result;
  result.at = writer.now;
  result.sequence = writer.sequence();
  result.status = usage ? StoreStatus::duplicate : StoreStatus::unknown_request;
  if (usage) result.outcome.amount = usage->cost;
  return result;
}

CommandResult expire(Writer& writer, const Id& request) {
  const HoldEntry hold = *writer.state.holds.find(request);
  writer.state.holds.erase(request);
  SettleRequest settle;
  settle.request = request;
  settle.in_full = true;
  settle.flags = kUnconfirmed;
  settle.ending = "unknown";
  CommandResult result = end_hold(writer, hold, settle);
  AuditEntry audit;
  audit.actor = system_actor();
  audit.action = "hold.expire";
  audit.target = "request/" + to_text("req", request);
  audit.to = JsonObject().add("cost_usd", hold.body->amount).add("unconfirmed", true).text();
  audit.reason = "The process that made the hold ended before its answer.";
  writer.audit(audit);
  return result;
}

}  // namespace purser::store
