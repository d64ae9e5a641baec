// Shares of a limit at which somebody is told: a set of multiples of 5 %, with 100 always in it.
// 100 % is DESIGN's `reached`, not just spent = limit. Of spent alone, never of held.
//
//   PercentSet wanted = thresholds_of({50, 80});  // and 100
//   for (const int percent : wanted.percents()) …
#pragma once

#include <boost/container/static_vector.hpp>
#include <cstdint>
#include <initializer_list>

namespace purser::ledger {

inline constexpr int kThresholdStepPercent = 5;
inline constexpr int kReachedPercent = 100;
inline constexpr std::size_t kMaxThresholds = 6;  // of one cap, with 100

class PercentSet {
 public:
  constexpr PercentSet() = default;
  // As stored: bit 0 is 5 %, bit 19 is 100 %.
  static constexpr PercentSet from_bits(std::uint32_t bits) {
    PercentSet set;
    set.bits_ = bits & kAllBits;
    return set;
  }
  static constexpr bool is_step(int percent) {
    return percent >= kThresholdStepPercent && percent <= kReachedPercent &&
           percent % kThresholdStepPercent == 0;
  }
  constexpr std::uint32_t bits() const { return bits_; }
  constexpr bool is_empty() const { return bits_ == 0; }
  constexpr bool has(int percent) const { return (bits_ & bit(percent)) != 0; }
  constexpr void add(int percent) { bits_ |= bit(percent); }
  constexpr PercentSet without(PercentSet other) const { return from_bits(bits_ & ~other.bits_); }
  // Rising.
  boost::container::static_vector<int, kReachedPercent / kThresholdStepPercent> percents() const {
    boost::container::static_vector<int, kReachedPercent / kThresholdStepPercent> rising;
    for (std::uint32_t left = bits_; left != 0; left &= left - 1)
      rising.push_back((__builtin_ctz(left) + 1) * kThresholdStepPercent);
    return rising;
  }
  bool operator==(const PercentSet&) const = default;

 private:
  static constexpr std::uint32_t kAllBits = (1u << (kReachedPercent / kThresholdStepPercent)) - 1;
  static constexpr std::uint32_t bit(int percent) {
    return 1u << (percent / kThresholdStepPercent - 1);
  }
  std::uint32_t bits_ = 0;
};

constexpr PercentSet thresholds_of(std::initializer_list<int> percents) {
  PercentSet set;
  for (const int percent : percents) set.add(percent);
  set.add(kReachedPercent);
  return set;
}
inline constexpr PercentSet kDefaultThresholds = thresholds_of({50, 80});

}  // namespace purser::ledger
