// What the gateway counts, and its text in Prometheus' exposition format. Thread-safe; each io
// thread has its own, so that they do not take the same cache lines from each other, and one that
// is asked for the figures adds them up.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <map>
#include <mutex>
#include <span>
#include <string>
#include <string_view>

#include "purser/base/env.h"
#include "purser/base/money.h"

namespace purser::gateway {

// Cumulative buckets, as Prometheus wants them.
class Histogram {
 public:
  explicit Histogram(std::span<const double> bounds) : bounds_(bounds) {}
  void observe(double value);
  void add(const Histogram& other);  // of the same bounds
  void write(std::string& out, std::string_view name, std::string_view help) const;

 private:
  static constexpr std::size_t kMostBuckets = 16;
  std::span<const double> bounds_;
  std::array<std::atomic<std::uint64_t>, kMostBuckets + 1> counts_{};
  std::atomic<double> sum_{0};
};

// Counts by labels whose values are ours, hence few: `{format="openai_chat",status="200"}`.
class LabelledCounter {
 public:
  void add(const std::string& labels, std::uint64_t count = 1);
  void add(const LabelledCounter& other);
  void write(std::string& out, std::string_view name, std::string_view help) const;

 private:
  mutable std::mutex mutex_;
  std::map<std::string, std::uint64_t> counts_;
};

struct Metrics {
  Metrics();
  void add(const Metrics& other);

  LabelledCounter requests;  // format, status
  LabelledCounter refusals;  // scope (empty: no cap refused), code, format
  LabelledCounter endings;   // ending
  LabelledCounter unpriced;  // model
  Histogram hold_seconds;    // from submit to durable
  Histogram settle_seconds;
  Histogram upstream_seconds;  // to the head of the answer
  Histogram hold_to_cost;      // hold ÷ cost, of settled requests that cost something
  std::atomic<std::int64_t> cost_nanos{0};
  std::atomic<std::uint64_t> settle_retries{0};
  std::atomic<std::uint64_t> open_exchanges{0};
  std::atomic<std::uint64_t> draining{0};

  static double seconds(Duration duration) { return static_cast<double>(duration.count()) / 1e9; }
};

void write_counter(std::string& out, std::string_view name, std::string_view help,
                   std::uint64_t value);
void write_gauge(std::string& out, std::string_view name, std::string_view help,
                 std::uint64_t value);
void write_usd_counter(std::string& out, std::string_view name, std::string_view help, Nanos value);

}  // namespace purser::gateway
