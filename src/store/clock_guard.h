// Ledger time: the wall clock, but never back, and in doubt where it jumps (DESIGN "Money and
// time"). Pure: both clocks are passed in.
//
// The wall clock is compared with the boot clock, which nobody can set. A difference of up to 60 s
// is believed: a step back holds ledger time still until the wall clock has caught up. A larger one
// either way puts the clock in doubt, and so does a first reading that lies behind the last durable
// record. In doubt ledger time stands still, and reserves are refused, until an admin accepts the
// clock or it agrees again.
#pragma once

#include <optional>

#include "purser/base/env.h"

namespace purser::store {

class ClockGuard {
 public:
  static constexpr Duration kBelieved = std::chrono::seconds(60);

  // `last_durable`: ledger time of the newest record in the file.
  explicit ClockGuard(Instant last_durable) : ledger_(last_durable) {}

  // Returns ledger time.
  Instant observe(Instant utc, Duration boot);
  // An admin has looked at the clock: it is right from here on.
  void accept(Instant utc, Duration boot);
  bool in_doubt() const { return in_doubt_; }

 private:
  struct Anchor {
    Instant utc;
    Duration boot;
  };
  Instant ledger_;
  // A pair of readings that agreed. Moved up once an hour, so that the small steps of a slewed
  // clock do not add up to a doubt, and a hand that steps it again and again gains a minute an
  // hour.
  std::optional<Anchor> anchor_;
  bool in_doubt_ = false;
};

}  // namespace purser::store
