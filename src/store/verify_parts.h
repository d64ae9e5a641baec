// The parts of `verify`: each recomputes one thing from the file and says what is off. Own code,
// not the writer's: sums are taken in 128 bits from the rows alone.
#pragma once

#include <map>
#include <string>
#include <tuple>
#include <vector>

#include "account_ref.h"
#include "purser/audit/chain.h"
#include "purser/store/store.h"
#include "sqlite/connection.h"
#include "usage_rows.h"

namespace purser::store {

// Sentences, up to a bound: a file that is off everywhere must not fill the memory.
class Problems {
 public:
  static constexpr std::size_t kMost = 1000;
  void add(std::string sentence);
  std::vector<std::string> take();

 private:
  std::vector<std::string> sentences_;
  std::uint64_t left_out_ = 0;
};

__extension__ typedef __int128 Wide;
std::string usd_text(Wide nanos);

// One usage or hold, as the checks need it.
struct VerifiedUsage {
  Id request;
  std::uint64_t sequence = 0;
  Nanos hold;
  Nanos cost;
  std::uint32_t flags = 0;
  std::vector<AccountKey> accounts;
  Instant reserved_at;
  Instant settled_at;
  Attribution who;
  std::string model;
  Counts counts{};
};

// Balances of accounts against usage, adjustments and open holds (I1, I4).
class AccountsCheck {
 public:
  AccountsCheck(Connection& connection, const Id& workspace, Problems& problems);
  void take(const VerifiedUsage& usage);
  void finish(VerifyReport& report);

 private:
  struct Books {
    ledger::Account account;
    bool excess = false;
    Nanos carried;
    std::uint64_t opened_sequence = 0;
    Wide listed = 0, before = 0, held = 0;
  };
  void take_adjustments();
  void take_holds(VerifyReport& report);
  void check_limits();
  void check(const AccountKey& key, const Books& books);
  Books* find(const AccountKey& key, const std::string& in);

  Connection& connection_;
  const Id workspace_;
  Problems& problems_;
  std::map<AccountKey, Books> accounts_;
  std::map<ledger::Scope, std::vector<AccountKey>> by_scope_;
};

// Rollups and tasks against usage and adjustments, to the nano.
class RollupsCheck {
 public:
  RollupsCheck(Connection& connection, const Id& workspace, Problems& problems)
      : connection_(connection), workspace_(workspace), problems_(problems) {}
  void take(const VerifiedUsage& usage);
  void finish();

 private:
  struct Sums {
    Wide requests = 0, cost = 0;
    std::array<Wide, kCountColumns> counts{};
    bool operator==(const Sums&) const = default;
  };
  using Key = std::tuple<Instant, Id, Id, Id, std::string, Id, Id>;
  Connection& connection_;
  const Id workspace_;
  Problems& problems_;
  std::map<Key, Sums> rollups_;
  std::map<Id, Sums> tasks_;
};

// The chain itself, its head, and the days' digests of usage (I6).
class AuditCheck {
 public:
  AuditCheck(Connection& connection, const Id& workspace, Problems& problems)
      : connection_(connection), workspace_(workspace), problems_(problems) {}
  void take(const VerifiedUsage& usage);  // in the order of their settles
  void finish(VerifyReport& report);

 private:
  struct Day {
    std::int64_t usages = 0;
    audit::Hash digest{};
    bool on_record = false;
  };
  void check_day(const audit::Entry& entry);
  Connection& connection_;
  const Id workspace_;
  Problems& problems_;
  std::map<std::int64_t, Day> days_;
};

}  // namespace purser::store
