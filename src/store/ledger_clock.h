// The clock guard with its clocks and a lock, since views ask for ledger time from any thread.
#pragma once

#include <mutex>

#include "clock_guard.h"
#include "purser/base/env.h"

namespace purser::store {

class LedgerClock {
 public:
  LedgerClock(Env& env, Instant last_durable) : env_(env), guard_(last_durable) {}

  struct Reading {
    Instant now;
    bool in_doubt;
  };
  Reading read() {
    const std::scoped_lock lock(mutex_);
    // Both clocks under the lock: readings taken out of order would look like a step.
    const Instant now = guard_.observe(env_.utc_now(), env_.boot_now());
    return {now, guard_.in_doubt()};
  }
  Instant accept() {
    const std::scoped_lock lock(mutex_);
    guard_.accept(env_.utc_now(), env_.boot_now());
    return guard_.observe(env_.utc_now(), env_.boot_now());
  }

 private:
  Env& env_;
  std::mutex mutex_;
  ClockGuard guard_;
};

}  // namespace purser::store
