// Values of `anthropic-beta` that no table of ours lists: they pass, each is counted, and each is
// named once in the audit trail, since one of them may change what a request costs.
#pragma once

#include <mutex>
#include <set>
#include <string>

#include "metrics.h"
#include "purser/store/store.h"

namespace purser::gateway {

// Thread-safe. Clients choose the names, so their number is bounded: the rest counts as "other".
class BetaNotices {
 public:
  static constexpr std::size_t kMostNames = 100;
  static constexpr std::size_t kMostNameBytes = 100;

  // True where the name is new: then `record` it, once, where it may block.
  bool count(const std::string& beta);
  // Writes the audit entry, unless an earlier run of the gateway did.
  static void record(store::Store& store, const std::string& beta);

  const LabelledCounter& counter() const { return counter_; }

 private:
  LabelledCounter counter_;
  std::mutex mutex_;
  std::set<std::string> names_;
};

}  // namespace purser::gateway
