// Time and randomness. No other file asks the system's clock or its random source, so that a test
// can run the whole path on simulated time, from a seed.
//
// `utc_now` is the wall clock and may step; `boot_now` never goes back and does not stop in sleep.
// Both are thread-safe. An `Instant` is UTC, in nanoseconds since 1970.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>

namespace purser {

using Instant = std::chrono::sys_time<std::chrono::nanoseconds>;
using Duration = std::chrono::nanoseconds;

class Env {
 public:
  virtual ~Env() = default;
  virtual Instant utc_now() = 0;
  virtual Duration boot_now() = 0;
  virtual void random_bytes(std::span<std::uint8_t> out) = 0;
};

// The system's clock and random source. Lives as long as the process.
Env& system_env();

// For tests: time stands still until told, randomness comes from the seed. Thread-safe.
class ManualEnv : public Env {
 public:
  ManualEnv(Instant start, std::uint64_t seed);
  ~ManualEnv() override;
  Instant utc_now() override;
  Duration boot_now() override;
  void random_bytes(std::span<std::uint8_t> out) override;
  void advance(Duration by);   // both clocks
  void step_utc(Duration by);  // the wall clock alone, as an operator or NTP would
 private:
  struct State;
  std::unique_ptr<State> state_;
};

// "2026-11-23T15:04:05.123456789Z"; the fraction is left out where it is zero.
std::string format_instant(Instant instant);

}  // namespace purser
