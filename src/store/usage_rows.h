// The rows of `usages` and `adjustments`.
#pragma once

#include <array>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "known_requests.h"
#include "ledger_state.h"
#include "purser/audit/chain.h"
#include "sqlite/connection.h"

namespace purser::store {

// The columns of counts, in the order of the tables: eight token classes, reasoning tokens, web
// searches, tool calls. A provider's figure is believed up to 10¹² so that sums stay integers.
inline constexpr std::size_t kCountColumns = 11;
using Counts = std::array<std::int64_t, kCountColumns>;
Counts counts_of(const BilledCounts& billed);

// What is known once a hold has ended.
struct SettledUsage {
  const HoldEntry* hold;
  const SettleRequest* settle;
  Nanos cost;
  std::uint32_t flags;
  Instant at;
  std::uint64_t sequence;
};

// A row, as far as a repeated or late settle needs it.
struct FoundUsage {
  std::uint64_t sequence = 0;
  Nanos hold;
  std::uint8_t form = 0;
  Nanos cost;
  std::uint32_t flags = 0;
  std::vector<AccountKey> accounts;
  Instant reserved_at;
  Attribution attribution;
  std::string price_id;
};

class UsageRows {
 public:
  UsageRows(Connection& connection, const Id& workspace);
  void insert(const SettledUsage& usage, const std::string& model);
  bool exists(const Id& request);
  std::optional<FoundUsage> find(const Id& request);
  // The end of an unconfirmed usage has become known; `cost_nanos` stays, the adjustment carries
  // the rest.
  void confirm(const SettleRequest& settle, std::uint32_t flags);
  void set_flags(const Id& request, std::uint32_t flags);
  void adjust(const Id& id, const Id& request, std::uint64_t sequence, Nanos delta,
              const AccountRefs& accounts, Instant at, std::string_view reason);

 private:
  Connection& connection_;
  const Id workspace_;
  std::unique_ptr<Statement> insert_, exists_;
  KnownRequests known_;
};

// Of the columns that never change: the day's digest is made of these.
audit::Hash usage_digest(const audit::Hash& previous, const Id& request, Instant reserved_at,
                         Instant settled_at, Nanos hold, Nanos cost, const Attribution& who,
                         std::string_view model);

}  // namespace purser::store
