// 200 commands to a store, the same in every run: reserves and settles, alone and in batches, caps
// made and changed, raises, keys changed, checkpoints, restarts, and time that goes on, so that
// settles come in a later cycle than their reserves. And what was answered to each.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "purser/store/store.h"

namespace purser::disk {

enum class StepKind : std::uint8_t {
  make_key,
  change_key,
  set_cap,
  raise,
  reserve,
  settle,
  checkpoint,
  restart
};
std::string_view name(StepKind kind);

struct CapPlace {
  ledger::Scope scope = {};
  Period period = Period::month;
  auto operator<=>(const CapPlace&) const = default;
};

struct Step {
  StepKind kind;
  Duration after{};        // how long nothing happens before it
  bool with_last = false;  // submitted with the step before, in one batch if the store likes
  std::size_t person = 0;
  std::size_t of = 0;  // a settle: the reserve's step
  Id request = {};
  Nanos amount = {};  // bound, cost or limit
  CapPlace cap = {};
  const char* checkpoint = "";  // PASSIVE, RESTART, TRUNCATE
};

struct Script {
  static constexpr std::size_t kPersons = 3;
  static constexpr std::size_t kCommands = 200;
  Id workspace;  // of the store; known when it has opened
  std::vector<store::Attribution> persons;
  std::vector<Step> steps;
  Instant start, end;
};
Script make_script();
inline std::string step_text(std::size_t step) { return "step " + std::to_string(step) + "."; }

// What became of a step. Lies in memory that outlives the process that ran it.
struct Answer {
  enum State : int {
    unsent,
    sent,
    done,     // durable; a reserve: granted
    refused,  // decided, durable as far as there is anything; a reserve: not granted
    failed,   // the store said that nothing happened
  };
  std::atomic<int> state{unsent};
  std::atomic<std::int64_t> hold_nanos{0};
  // How many calls had been made to the disk when it was sent and when it was answered.
  std::atomic<std::uint64_t> sent_at{0}, answered_at{0};
};
// Shared with the processes that are forked from this one.
class Answers {
 public:
  explicit Answers(std::size_t count);
  ~Answers();
  Answers(const Answers&) = delete;
  Answers& operator=(const Answers&) = delete;
  void clear();
  Answer& operator[](std::size_t step) { return answers_[step]; }
  const Answer& operator[](std::size_t step) const { return answers_[step]; }
  std::size_t size() const { return count_; }

 private:
  std::size_t count_;
  Answer* answers_;
};

// Runs the script on the store in a directory, from its making to an orderly end. Where the store
// cannot be opened (again), it ends there and returns why; else nothing. `calls` counts the calls
// to the disk.
std::string run_script(const Script& script, const std::string& directory, Answers& answers,
                       const std::function<std::uint64_t()>& calls);

}  // namespace purser::disk
