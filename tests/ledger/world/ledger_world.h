// A store as small as one can be, around `apply`: caps, cycles, holds and usages of several
// workspaces in memory. Beside each account stands the model's (model.h). Random commands go to
// both, and after each one I1, I4, I5, I9 and what I2 and I3 mean for the ledger are looked at;
// what differs is told as a sentence.
//
//   LedgerWorld world(LedgerProfile{});
//   std::string problem = world.step(command_number, seen);   // empty: all is well
//   problem = world.finish(seen);                             // ends every hold; sums all again
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <unordered_map>
#include <vector>

#include "choices.h"
#include "model.h"
#include "purser/base/calendar.h"

namespace purser::ledger {

// What kind of workload a world has.
struct LedgerProfile {
  std::size_t workspaces = 1;
  std::size_t teams = 2, users = 3;
  std::int64_t scale = 20 * kNanosPerUsd;  // a user's usual limit, in nanos
  bool many_holds = false;                 // settles come late
  bool few_caps = false;                   // many requests fall under no hard cap
  static LedgerProfile from(Choices& choose);
};

struct Distribution {
  std::uint64_t commands = 0, granted = 0, refused = 0, lowered_forms = 0, settled = 0,
                settled_across_cycles = 0, lowered = 0, overspent = 0, expired = 0, adjusted = 0,
                raised = 0, reallocated = 0, stopped = 0, made = 0, made_in_mid_cycle = 0,
                ended = 0, cycles = 0, alerts = 0, above_limit = 0;
  std::array<std::uint64_t, 7> decisions{};  // of reserves, by Decision
  void add(const Distribution& other);
};

class LedgerWorld {
 public:
  explicit LedgerWorld(const LedgerProfile& profile);

  // Each returns what is wrong, or nothing.
  std::string step(std::uint64_t command, Distribution& seen);
  std::string finish(Distribution& seen);
  // The last command in words, for a failing seed.
  const std::string& last() const { return last_; }
  // The same for the same commands: what was decided, in one number.
  std::uint64_t trace() const { return trace_; }

 private:
  struct AccountPair {
    Account real;
    ModelAccount model;
  };
  struct CapState {
    Cap cap;
    std::size_t workspace = 0;
    Wide limit = 0;                                     // the model's: for good
    std::optional<std::pair<Wide, Instant>> temporary;  // and until an instant
    std::vector<AccountPair> cycles;                    // in order; the last one may be over
    std::uint64_t ended_at = 0;                         // the command; 0: open
    AccountPair& latest() { return cycles.back(); }
  };
  struct AccountAt {
    std::size_t cap, cycle;
    bool operator==(const AccountAt&) const = default;
  };
  struct ScopeEntry {
    bool stopped = false;
    std::vector<std::size_t> caps;  // open and ended
    std::vector<std::size_t> open_caps;
  };
  struct Request {
    Id id;
    std::size_t workspace = 0;
    std::vector<Scope> scopes;
    Instant at;
    std::uint64_t command = 0;
    Nanos amount, cost;
    std::vector<AccountAt> accounts;  // a hold's list
    bool open = true;
  };
  struct Workspace {
    std::optional<Calendar> calendar;
    CalendarSettings settings;
    Id id;
  };

  // world_requests.cpp
  std::string reserve(Choices& choose, Distribution& seen);
  void choose_forms(Choices& choose, const std::vector<AccountAt>& accounts, Reserve& command);
  std::string settle(Choices& choose, Distribution& seen);
  std::string settle_one(std::size_t open_index, Nanos cost, bool expire, Distribution& seen);
  std::string adjust(Choices& choose, Distribution& seen);

  // world_caps.cpp
  std::string set_cap(Choices& choose, Distribution& seen);
  std::string make_cap(const Scope& scope, std::size_t workspace, Period period,
                       Enforcement enforcement, Nanos limit, Distribution& seen);
  std::string end_cap(Choices& choose, Distribution& seen);
  std::string raise(Choices& choose, Distribution& seen);
  std::string reallocate(Choices& choose, Distribution& seen);
  std::string stop_or_resume(Choices& choose, Distribution& seen);
  std::string change_limit(std::size_t cap, const Command& command, Wide limit, bool possible);
  std::optional<std::size_t> choose_cap(Choices& choose);

  // world_cycles.cpp
  void pass_time(Choices& choose);
  std::string change_calendar(Choices& choose);
  std::string open_cycle(std::size_t cap, Distribution& seen);
  std::string end_expired_raise(std::size_t cap);
  std::string bring_up_to_date(const Scope& scope, Distribution& seen);

  // ledger_world.cpp
  void make_scopes();
  Scope scope_of(ScopeKind kind, std::size_t workspace, std::size_t a, std::size_t b = 0) const;
  Scope choose_scope(Choices& choose, std::size_t workspace) const;
  AccountPair& at(const AccountAt& where) { return caps_[where.cap].cycles[where.cycle]; }
  AccountAt latest_of(std::size_t cap) const { return {cap, caps_[cap].cycles.size() - 1}; }
  AccountSet load(const std::vector<AccountAt>& accounts);
  std::vector<ModelAccount*> models(const std::vector<AccountAt>& accounts);
  Outcome run(AccountSet& set, const Command& command);
  std::string put_back(const AccountSet& set, const std::vector<AccountAt>& accounts,
                       const Outcome& outcome, const ModelAlerts& alerts, bool exception,
                       Distribution* seen);
  std::string check_account(const AccountPair& pair) const;
  std::string sum_again();
  bool counts_in(const Request& request, const CapState& cap, const Account& account) const;
  void note(std::uint64_t value) { trace_ = Choices(trace_ ^ value).next(); }

  LedgerProfile profile_;
  Instant now_;
  std::uint64_t command_ = 0;
  std::vector<Workspace> workspaces_;
  std::unordered_map<Scope, ScopeEntry> scopes_;
  std::vector<Scope> stopped_;
  std::vector<CapState> caps_;
  std::vector<Request> requests_;
  std::vector<std::size_t> open_;  // indices of requests that hold
  std::set<std::tuple<std::size_t, std::size_t, int, std::uint32_t>> alerts_;
  std::string last_, problem_in_run_;
  std::uint64_t trace_ = 0;
};

}  // namespace purser::ledger
