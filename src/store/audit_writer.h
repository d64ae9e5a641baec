// Appends to the audit chain, and keeps how far the store has come: the `progress` row.
#pragma once

#include <cstdint>
#include <memory>

#include "purser/audit/chain.h"
#include "purser/store/store.h"
#include "sqlite/connection.h"

namespace purser::store {

struct Progress {
  std::uint64_t sequence = 0;
  Instant ledger_time;
  std::uint64_t audit_sequence = 0;
  audit::Hash audit_hash{};
  // Of the usage settled on `digest_day` so far; the next day's first command writes it into the
  // chain.
  std::int64_t digest_day = 0;
  std::int64_t digest_count = 0;
  audit::Hash digest_hash{};
};

Progress load_progress(Connection& connection, const Id& workspace);

class AuditWriter {
 public:
  AuditWriter(Connection& connection, const Id& workspace);

  void append(Progress& progress, Instant at, const AuditEntry& entry);
  // True where an entry for a day that is over was written.
  bool close_day(Progress& progress, Instant now);
  void save(const Progress& progress);

 private:
  const Id workspace_;
  std::unique_ptr<Statement> append_, save_;
};

inline constexpr const char* kUsageDayAction = "usage.day";
std::int64_t day_of(Instant instant);
std::string usage_day_json(std::int64_t day, std::int64_t usages, const audit::Hash& digest);

}  // namespace purser::store
