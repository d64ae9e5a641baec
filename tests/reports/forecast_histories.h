// Made-up histories of daily spending, each from a seed: what a forecast is tried on. Day 0 is a
// Monday, months have 30 days, and a day's use comes between 8 and 20 o'clock.
#pragma once

#include <cmath>
#include <cstdint>
#include <numbers>
#include <random>
#include <string_view>
#include <vector>

#include "purser/reports/forecast.h"

namespace purser::reports {

enum class History { flat, weekdays_only, ramp, step, bursty_agent, month_end };
inline constexpr History kHistories[] = {History::flat, History::weekdays_only, History::ramp,
                                         History::step, History::bursty_agent,  History::month_end};

inline std::string_view name(History history) {
  constexpr std::string_view kNames[] = {"flat", "weekday-only", "ramp",
                                         "step", "bursty agent", "month-end"};
  return kNames[static_cast<int>(history)];
}

// Random numbers that are the same on every platform: the standard's distributions are not.
class Dice {
 public:
  explicit Dice(std::uint64_t seed) : engine_(seed) {}
  double even(double low = 0, double high = 1) {
    return low + (high - low) * static_cast<double>(engine_() >> 11) * 0x1p-53;
  }
  double normal() {
    return std::sqrt(-2 * std::log(1 - even())) * std::cos(2 * std::numbers::pi * even());
  }
  // Around 1, with this standard deviation of its logarithm.
  double noise(double sigma) { return std::exp(sigma * normal() - sigma * sigma / 2); }

 private:
  std::mt19937_64 engine_;
};

struct MadeHistory {
  static constexpr int kMonthDays = 30;
  int days_before;            // the cycle begins after these
  int first_weekday;          // of day 0: 0 Monday
  std::vector<double> costs;  // USD of each day, to the end of the cycle

  bool is_weekend(int day) const { return (day + first_weekday) % 7 >= 5; }
};

inline MadeHistory make_history(History kind, std::uint64_t seed, int days_before) {
  Dice dice(seed * 7919 + static_cast<std::uint64_t>(kind) * 104729 + 17);
  MadeHistory made{days_before, static_cast<int>(dice.even(0, 7)), {}};
  const int all = days_before + MadeHistory::kMonthDays;
  const double level = std::exp(dice.even(std::log(2), std::log(200)));
  const double sigma = dice.even(0.2, 0.5);
  const double growth = dice.even(0.01, 0.04);  // ramp: a day, of the first level
  const int step_day = days_before - 15 + static_cast<int>(dice.even(0, 35));
  const double step = dice.even() < 0.3 ? dice.even(0.25, 0.6) : dice.even(1.8, 4);
  const double peak = dice.even(2, 4);
  const int peak_days = 3 + static_cast<int>(dice.even(0, 3));
  const double burst_chance = dice.even(0.1, 0.3), burst = dice.even(4, 10);
  bool in_burst = false;
  for (int day = 0; day < all; ++day) {
    double mean = level;
    const bool weekend = made.is_weekend(day);
    const int to_end = (all - 1 - day) % MadeHistory::kMonthDays;
    switch (kind) {
      case History::flat:
        break;
      case History::weekdays_only:
        mean *= weekend ? 0 : 1;
        break;
      case History::ramp:
        mean *= (weekend ? 0.4 : 1) * (1 + growth * day);
        break;
      case History::step:
        mean *= (weekend ? 0.4 : 1) * (day >= step_day ? step : 1);
        break;
      case History::bursty_agent:
        in_burst = in_burst ? dice.even() < 0.4 : dice.even() < burst_chance;
        mean *= in_burst ? burst : dice.even() < 0.3 ? 0 : 0.3;
        break;
      case History::month_end:
        mean *= (weekend ? 0.3 : 1) * (to_end < peak_days ? peak : 1);
        break;
    }
    made.costs.push_back(mean * dice.noise(sigma));
  }
  return made;
}

// What the forecast sees at this point of the cycle (in days, 4.5: at noon of the fifth day).
inline ForecastInput seen_at(const MadeHistory& made, double point) {
  constexpr std::chrono::hours kDay{24};
  const Instant first = std::chrono::sys_days{std::chrono::year{2026} / 6 / 1};
  const int all = static_cast<int>(made.costs.size());
  const auto day_of = [&](int day) {
    ForecastDay out;
    out.day = {first + day * kDay, first + (day + 1) * kDay};
    out.weekday = (day + made.first_weekday) % 7 + 1;
    out.days_to_month_end = (all - 1 - day) % MadeHistory::kMonthDays;
    out.cost = Nanos{std::llround(made.costs[static_cast<std::size_t>(day)] * kNanosPerUsd)};
    return out;
  };
  const int today = made.days_before + static_cast<int>(point);
  const double hour = (point - std::floor(point)) * 24;
  const double gone = std::min(1.0, std::max(0.0, (hour - 8) / 12));
  ForecastInput input;
  for (int day = 0; day < today; ++day) input.history.push_back(day_of(day));
  input.today = day_of(today);
  input.today.cost = Nanos{std::llround(static_cast<double>(input.today.cost.count()) * gone)};
  input.today_part_gone = gone;
  input.now = input.today.day.start + Duration{std::llround(hour * 3.6e12)};
  for (int day = today + 1; day < all; ++day) input.days_left.push_back(day_of(day));
  for (int day = made.days_before; day < today; ++day) input.spent += day_of(day).cost;
  input.spent += input.today.cost;
  input.cycle_part_gone = point / MadeHistory::kMonthDays;
  return input;
}

inline Nanos total_of(const MadeHistory& made) {
  Nanos total;
  for (std::size_t day = static_cast<std::size_t>(made.days_before); day < made.costs.size(); ++day)
    total += Nanos{std::llround(made.costs[day] * kNanosPerUsd)};
  return total;
}

}  // namespace purser::reports
