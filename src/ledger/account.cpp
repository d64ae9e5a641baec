#include "purser/ledger/account.h"

#include <algorithm>

#include "purser/base/check.h"

namespace purser::ledger {

namespace {
constexpr Nanos kLargestPauseMargin{kNanosPerUsd / 20};
constexpr std::int64_t kPauseMarginDivisor = 200;  // 0.5 %
}  // namespace

Nanos pause_margin(Nanos limit) {
  PURSER_ASSERT(limit >= Nanos{0});
  return std::min(kLargestPauseMargin, Nanos{limit.count() / kPauseMarginDivisor});
}

bool Account::paused() const { return spent >= limit - pause_margin(limit); }

Nanos Cap::limit_at(Instant at) const {
  return temporary && at < temporary->until ? temporary->limit : limit;
}

}  // namespace purser::ledger
