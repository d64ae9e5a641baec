// Rollups and tasks: gathered in memory over a batch, written once for each row at its end.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <tuple>

#include "sqlite/connection.h"
#include "usage_rows.h"

namespace purser::store {

class RollupWriter {
 public:
  RollupWriter(Connection& connection, const Id& workspace);

  // A usage: one request; an adjustment: none. Booked at the instant of the reserve.
  void add(const Attribution& who, const std::string& model, Instant reserved_at,
           std::int64_t requests, Nanos cost, const Counts& counts);
  // The first use of a task makes its row.
  void use_task(const Attribution& who, Instant at);
  void flush();

  // Of the batch so far.
  struct Pending {
    struct Sums {
      Id membership;
      std::int64_t requests = 0;
      Nanos cost;
      Counts counts{};
    };
    using Key = std::tuple<Instant, Id, Id, Id, std::string, Id, Id>;
    struct Task {
      Id user;
      std::string name;
      std::int64_t requests = 0;
      Nanos cost;
      Instant used_at;
    };
    std::map<Key, Sums> rollups;
    std::map<Id, Task> tasks;
  };
  // What is pending, and the numbers of rows that a rollback may have taken away.
  void discard();

 private:
  Pending::Task& task_of(const Attribution& who);

  const Id workspace_;
  std::unique_ptr<Statement> find_or_add_row_, add_sums_, update_usual_sums_, update_sums_,
      add_task_;
  Pending pending_;
  void write(const Pending::Key& key, const Pending::Sums& sums);
  std::int64_t row_of(const Pending::Key& key, const Id& membership);
  // The numbers of rows written lately: most usages are of somebody who had one in this bucket.
  std::map<Pending::Key, std::int64_t> rows_;
};

}  // namespace purser::store
