// Simulated time: what shall happen when, in one order. Nothing waits; the clock jumps to the next
// event.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <utility>

#include "purser/base/env.h"

namespace purser::sim {

class SimClock {
 public:
  explicit SimClock(std::uint64_t seed)
      : env(Instant{std::chrono::hours(24 * 20'770 + 9)}, seed) {}  // 2026-11-13, 09:00 UTC

  void after(Duration wait, std::function<void()> what) {
    events_.emplace(std::pair{env.boot_now() + wait, ++made_}, std::move(what));
  }
  // False where nothing is left to happen.
  bool run_next() {
    if (events_.empty()) return false;
    auto next = events_.extract(events_.begin());
    if (const Duration wait = next.key().first - env.boot_now(); wait > Duration{})
      env.advance(wait);
    next.mapped()();
    return true;
  }
  Duration now() { return env.boot_now(); }

  ManualEnv env;

 private:
  std::map<std::pair<Duration, std::uint64_t>, std::function<void()>> events_;
  std::uint64_t made_ = 0;
};

}  // namespace purser::sim
