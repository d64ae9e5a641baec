// One seed of the whole path: clients, the gateway process, the stub provider, admins, a disk and a
// clock, all on one thread and on simulated time. First faults; then faults off, and everything has
// to end; then requests that nothing may harm; then the books against the account of the world.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "path/base_ledger.h"
#include "path/books_check.h"
#include "path/client.h"
#include "path/process.h"
#include "path/stub_provider.h"

namespace purser::sim {

struct PathResult {
  std::string problem;
  std::uint64_t trace = 0;
  FaultCounts faults;
  std::uint64_t requests = 0, answered = 0, refused = 0, lowered = 0, commits = 0, crashes = 0,
                usages = 0, estimated = 0, unconfirmed = 0;
};

class PathRun {
 public:
  PathRun(std::uint64_t seed, const BaseLedger& base);
  ~PathRun();
  PathResult run();

 private:
  // path_run.cpp
  void set_caps(bool generous);
  void step();
  void commit_soon();
  void commit();
  void open_process();
  void crash();
  void run_until(const std::function<bool()>& is_over, const char* what);
  bool all_ended() const;
  void lengthen_queue();
  void run_in_peace();
  void read_counts();

  // path_faults.cpp
  void plan_faults();
  void upset(Fault fault);
  void upset_store(Fault fault);
  void upset_clock(Fault fault);
  void change_caps(Fault fault);
  void revoke_key();
  void give_key(std::size_t client);
  void change(const store::Store::ChangeBody& body);
  void end_faults();

  World world_;
  const BaseLedger& base_;
  StubProvider provider_;
  std::unique_ptr<Process> process_;
  std::vector<std::unique_ptr<Client>> clients_;
  std::vector<Id> keys_;  // of the clients
  CapWatch watch_;
  std::string directory_;
  std::size_t queue_limit_ = 0;
  std::uint64_t lives_ = 0, steps_ = 0, crash_at_step_ = 0;
  bool commit_planned_ = false, limits_changed_ = false, store_is_slow_ = false;
  PathResult result_;
};

}  // namespace purser::sim
