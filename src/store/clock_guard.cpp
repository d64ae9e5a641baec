#include "clock_guard.h"

#include <algorithm>

namespace purser::store {
namespace {

constexpr Duration kAnchorLife = std::chrono::hours(1);

}  // namespace

Instant ClockGuard::observe(Instant utc, Duration boot) {
  if (anchor_) {
    const Instant expected = anchor_->utc + (boot - anchor_->boot);
    in_doubt_ = utc > expected + kBelieved || utc < expected - kBelieved;
  } else {
    in_doubt_ = utc < ledger_ - kBelieved;
  }
  if (in_doubt_) return ledger_;
  if (!anchor_ || boot - anchor_->boot >= kAnchorLife) anchor_ = Anchor{utc, boot};
  ledger_ = std::max(ledger_, utc);
  return ledger_;
}

void ClockGuard::accept(Instant utc, Duration boot) {
  anchor_ = Anchor{utc, boot};
  in_doubt_ = false;
  ledger_ = std::max(ledger_, utc);
}

}  // namespace purser::store
