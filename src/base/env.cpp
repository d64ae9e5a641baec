#include "purser/base/env.h"

#include <sys/random.h>
#include <time.h>

#include <algorithm>
#include <array>
#include <mutex>
#include <random>

#include "purser/base/check.h"
#include "purser/base/text.h"

namespace purser {
namespace {

Duration read_clock(clockid_t clock) {
  timespec now{};
  const int failed = clock_gettime(clock, &now);
  PURSER_ASSERT(failed == 0);
  return std::chrono::seconds{now.tv_sec} + std::chrono::nanoseconds{now.tv_nsec};
}

void ask_kernel(std::span<std::uint8_t> out) {
  while (!out.empty()) {
    const ssize_t got = getrandom(out.data(), out.size(), 0);
    if (got > 0) out = out.subspan(static_cast<std::size_t>(got));
  }
}

// The kernel's random bytes, a thread's stock at a time: an id each for a request would otherwise
// be a system call each. What was handed out is wiped.
class RandomStock {
 public:
  static constexpr std::size_t kLargestRequest = 64;

  void take(std::span<std::uint8_t> out) {
    if (left_ < out.size()) {
      ask_kernel(stock_);
      left_ = stock_.size();
    }
    const std::span taken = std::span(stock_).subspan(left_ - out.size(), out.size());
    std::copy(taken.begin(), taken.end(), out.begin());
    std::fill(taken.begin(), taken.end(), std::uint8_t{0});
    left_ -= out.size();
  }

 private:
  std::array<std::uint8_t, 1024> stock_{};
  std::size_t left_ = 0;
};

class SystemEnv final : public Env {
 public:
  Instant utc_now() override { return Instant{read_clock(CLOCK_REALTIME)}; }
  Duration boot_now() override { return read_clock(CLOCK_BOOTTIME); }
  void random_bytes(std::span<std::uint8_t> out) override {
    if (out.size() > RandomStock::kLargestRequest) return ask_kernel(out);
    thread_local RandomStock stock;
    stock.take(out);
  }
};

}  // namespace

Env& system_env() {
  static SystemEnv env;
  return env;
}

struct ManualEnv::State {
  std::mutex mutex;
  Instant utc;
  Duration boot{};
  std::mt19937_64 random;
};

ManualEnv::ManualEnv(Instant start, std::uint64_t seed) : state_(std::make_unique<State>()) {
  state_->utc = start;
  state_->random.seed(seed);
}

ManualEnv::~ManualEnv() = default;

Instant ManualEnv::utc_now() {
  const std::scoped_lock lock(state_->mutex);
  return state_->utc;
}

Duration ManualEnv::boot_now() {
  const std::scoped_lock lock(state_->mutex);
  return state_->boot;
}

void ManualEnv::random_bytes(std::span<std::uint8_t> out) {
  const std::scoped_lock lock(state_->mutex);
  for (auto& byte : out) byte = static_cast<std::uint8_t>(state_->random());
}

void ManualEnv::advance(Duration by) {
  const std::scoped_lock lock(state_->mutex);
  state_->utc += by;
  state_->boot += by;
}

void ManualEnv::step_utc(Duration by) {
  const std::scoped_lock lock(state_->mutex);
  state_->utc += by;
}

std::string format_instant(Instant instant) {
  const auto day = std::chrono::floor<std::chrono::days>(instant);
  const std::chrono::year_month_day date{day};
  const std::chrono::hh_mm_ss time{instant - day};
  std::string text;
  text.reserve(sizeof "2026-11-30T20:52:31.123456789Z");
  const auto add = [&text](auto number, int width, const char* after) {
    append_digits(text, static_cast<std::uint64_t>(number), width);
    text += after;
  };
  add(static_cast<int>(date.year()), 4, "-");
  add(static_cast<unsigned>(date.month()), 2, "-");
  add(static_cast<unsigned>(date.day()), 2, "T");
  add(time.hours().count(), 2, ":");
  add(time.minutes().count(), 2, ":");
  add(time.seconds().count(), 2, "");
  if (const auto fraction = time.subseconds().count(); fraction != 0) {
    text += '.';
    append_digits(text, static_cast<std::uint64_t>(fraction), 9);
  }
  return text + 'Z';
}

}  // namespace purser
