// What all parts of one whole-path run share: time, choices, the disk, what was asked and billed.
#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <vector>

#include "choices.h"
#include "path/fault.h"
#include "path/memory_disk.h"
#include "path/sim_clock.h"
#include "purser/base/id.h"
#include "purser/base/money.h"

namespace purser::sim {

// One request of a client, and what the provider holds against it: the account that the books are
// held to. It knows nothing of Purser's.
struct Asked {
  std::string mark;  // stands in the prompt, and as the end user in the books
  std::size_t client = 0;
  Id user, team;
  bool anthropic = false, streams = false;
  std::int64_t limit_tokens = 0;
  std::size_t padding_bytes = 0;
  Fault fault = Fault::none;
  std::uint64_t crashes_before = 0;  // when it was sent
  bool in_peace = false;             // sent when all faults were off

  // The provider's side.
  bool provider_saw = false;  // any byte of it
  int times_whole = 0;        // came in whole
  bool troubled = false;      // its connection was not fit for a request
  Nanos billed;
  std::vector<Nanos> claims;  // what its answer says was billed, where it says so

  // The client's side.
  bool ended = false;
  bool client_left = false;
  int status = 0;  // of a whole answer; 0: none came
  std::string cost_told;
  std::uint64_t crashes_after = 0;  // when it ended
};

struct World {
  explicit World(std::uint64_t seed) : choose(seed), clock(seed), disk_choose(seed ^ 0xd15c) {}

  Choices choose;
  SimClock clock;
  MemoryDisk disk;
  Choices disk_choose;
  FaultCounts faults;
  bool faults_on = true;
  std::uint64_t crashes = 0;
  std::uint64_t lowered = 0;  // requests that came with a lower output limit than was asked for
  std::deque<Asked> asked;
  std::string problem;  // the first thing that was wrong
  std::uint64_t trace = 0;

  void note(std::uint64_t value) { trace = Choices(trace ^ value).next(); }
  void fail(const std::string& what) {
    if (problem.empty()) problem = what;
  }
  Asked* find(std::string_view text);  // whose mark stands in it
};

}  // namespace purser::sim
