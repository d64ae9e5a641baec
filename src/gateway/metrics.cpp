#include "metrics.h"

#include <fmt/format.h>

#include "purser/base/check.h"

namespace purser::gateway {
namespace {

constexpr std::array kLatencyBounds = {0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025,
                                       0.05,    0.1,    0.25,  0.5,    1.0,   2.5,  10.0};
constexpr std::array kUpstreamBounds = {0.005, 0.01, 0.025, 0.05, 0.1,  0.25, 0.5,
                                        1.0,   2.5,  5.0,   10.0, 30.0, 60.0, 300.0};
constexpr std::array kRatioBounds = {1.0, 1.1,  1.25, 1.5,  2.0,   3.0,
                                     5.0, 10.0, 20.0, 50.0, 100.0, 1000.0};

void write_head(std::string& out, std::string_view name, std::string_view help,
                std::string_view type) {
  fmt::format_to(std::back_inserter(out), "# HELP {} {}\n# TYPE {} {}\n", name, help, name, type);
}

}  // namespace

Metrics::Metrics()
    : hold_seconds(kLatencyBounds),
      settle_seconds(kLatencyBounds),
      upstream_seconds(kUpstreamBounds),
      hold_to_cost(kRatioBounds) {}

void Metrics::add(const Metrics& other) {
  requests.add(other.requests);
  refusals.add(other.refusals);
  endings.add(other.endings);
  unpriced.add(other.unpriced);
  hold_seconds.add(other.hold_seconds);
  settle_seconds.add(other.settle_seconds);
  upstream_seconds.add(other.upstream_seconds);
  hold_to_cost.add(other.hold_to_cost);
  cost_nanos += other.cost_nanos;
  settle_retries += other.settle_retries;
  open_exchanges += other.open_exchanges;
  draining += other.draining;
}

void Histogram::add(const Histogram& other) {
  PURSER_ASSERT(bounds_.data() == other.bounds_.data());
  for (std::size_t i = 0; i < counts_.size(); ++i) counts_[i] += other.counts_[i];
  sum_.fetch_add(other.sum_);
}

void Histogram::observe(double value) {
  std::size_t bucket = 0;
  while (bucket < bounds_.size() && value > bounds_[bucket]) ++bucket;
  PURSER_ASSERT(bucket < counts_.size());
  counts_[bucket].fetch_add(1, std::memory_order_relaxed);
  sum_.fetch_add(value, std::memory_order_relaxed);
}

void Histogram::write(std::string& out, std::string_view name, std::string_view help) const {
  write_head(out, name, help, "histogram");
  std::uint64_t cumulative = 0;
  for (std::size_t i = 0; i < bounds_.size(); ++i) {
    cumulative += counts_[i].load(std::memory_order_relaxed);
    fmt::format_to(std::back_inserter(out), "{}_bucket{{le=\"{}\"}} {}\n", name, bounds_[i],
                   cumulative);
  }
  cumulative += counts_[bounds_.size()].load(std::memory_order_relaxed);
  fmt::format_to(std::back_inserter(out), "{}_bucket{{le=\"+Inf\"}} {}\n{}_sum {}\n{}_count {}\n",
                 name, cumulative, name, sum_.load(std::memory_order_relaxed), name, cumulative);
}

void LabelledCounter::add(const std::string& labels, std::uint64_t count) {
  const std::scoped_lock lock(mutex_);
  counts_[labels] += count;
}

void LabelledCounter::add(const LabelledCounter& other) {
  const std::scoped_lock lock(mutex_, other.mutex_);
  for (const auto& [labels, count] : other.counts_) counts_[labels] += count;
}

void LabelledCounter::write(std::string& out, std::string_view name, std::string_view help) const {
  write_head(out, name, help, "counter");
  const std::scoped_lock lock(mutex_);
  for (const auto& [labels, count] : counts_)
    fmt::format_to(std::back_inserter(out), "{}{{{}}} {}\n", name, labels, count);
}

void write_counter(std::string& out, std::string_view name, std::string_view help,
                   std::uint64_t value) {
  write_head(out, name, help, "counter");
  fmt::format_to(std::back_inserter(out), "{} {}\n", name, value);
}

void write_gauge(std::string& out, std::string_view name, std::string_view help,
                 std::uint64_t value) {
  write_head(out, name, help, "gauge");
  fmt::format_to(std::back_inserter(out), "{} {}\n", name, value);
}

void write_usd_counter(std::string& out, std::string_view name, std::string_view help,
                       Nanos value) {
  write_head(out, name, help, "counter");
  fmt::format_to(std::back_inserter(out), "{} {}\n", name, format_usd(value));
}

}  // namespace purser::gateway
