// What the ledger must decide, from plain sums of 128 bits: written from DESIGN's words and sharing
// nothing with the ledger's code but the types of its commands. Whatever differs is an error.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "purser/ledger/apply.h"

namespace purser::ledger {

__extension__ typedef __int128 Wide;

// One cap in one cycle, as the books say.
struct ModelAccount {
  Period period = Period::month;
  Enforcement enforcement = Enforcement::hard;
  Wide limit = 0, spent = 0, held = 0;
  std::uint32_t version = 1;
  std::set<int> thresholds{50, 80, 100};
  std::set<int> recorded;  // percents, for this limit version
  bool excused = false;    // an exception to I1 was booked and has not gone since

  Wide room() const { return limit - spent - held; }
  bool paused() const;
  bool stands_past(int percent) const;  // spent has come to it
};

// An alert: which account of the set, which percent; 0: its pause has ended.
using ModelAlerts = std::set<std::pair<std::size_t, int>>;
inline constexpr int kPauseEnded = 0;

struct ModelDecision {
  Decision decision = Decision::granted;
  Wide amount = 0;
  std::uint32_t refusing = 0, would_refuse = 0;
  ModelAlerts alerts;
};

// Decides a reserve and books it: holds on a grant, alerts on a refusal that reaches a cap.
ModelDecision model_reserve(const std::vector<ModelAccount*>& accounts, bool stopped,
                            const Reserve& command);
// `held` leaves, `spent` comes.
ModelAlerts model_settle(const std::vector<ModelAccount*>& accounts, Wide held, Wide spent);
// A new limit in force, as a new version: thresholds below the new share are armed again.
ModelAlerts model_set_limit(ModelAccount& account, std::size_t index, Wide limit);

}  // namespace purser::ledger
