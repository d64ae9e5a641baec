// A short way to write the caps of an organisation, in whole USD or in nanos.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "purser/reports/exposure.h"

namespace purser::reports {

inline Nanos usd(std::int64_t amount) { return Nanos{amount * kNanosPerUsd}; }

inline Instant utc(int year, unsigned month, unsigned day, int hour = 0) {
  return std::chrono::sys_days{std::chrono::year{year} / month / day} + std::chrono::hours{hour};
}

inline ExposureCap cap_of(Period period, Nanos limit) {
  ExposureCap cap;
  cap.period = period;
  cap.limit = limit;
  return cap;
}

// A cap whose current cycle, as the calendar has it, has a row.
inline ExposureCap cap_in_use(Period period, Nanos limit, const Cycle& cycle, Nanos spent,
                              Nanos held) {
  ExposureCap cap = cap_of(period, limit);
  cap.cycles.push_back({cycle, limit, spent, held});
  return cap;
}

inline ExposureMembership member(std::size_t user, std::size_t team) {
  ExposureMembership membership;
  membership.user = user;
  membership.team = team;
  return membership;
}

inline Calendar calendar_in(const std::string& zone) {
  Result<Calendar> calendar = Calendar::make({.zone = zone});
  if (!calendar) ADD_FAILURE() << calendar.error().message;
  return *std::move(calendar);
}

inline Exposure exposure_of(const ExposureInput& input, const std::string& month = "2026-12",
                            const std::string& zone = "UTC") {
  Result<Exposure> exposure = compute_exposure(input, calendar_in(zone), month);
  if (!exposure) ADD_FAILURE() << exposure.error().message;
  return *std::move(exposure);
}

}  // namespace purser::reports
