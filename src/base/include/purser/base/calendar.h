// The calendar of cap cycles: where a day, week, month, quarter or year begins and ends in the
// workspace's zone. The store asks it when a cycle opens and stores the bounds; the ledger is pure
// and never asks. Reports and exports ask it which instants a named month covers.
//
// Rules (DESIGN "Money and time"):
//  - A day begins at the first instant at which the zone's clock shows that date or a later one. So
//    it begins at midnight; where the clock skips midnight (São Paulo, 2018-11-04), at the instant
//    after the gap; where the clock shows midnight twice (Havana; St. John's, where the clock goes
//    back from 00:01 to 23:01), at the earlier of the two.
//  - A local day that never existed (Samoa, 2011-12-30) has no cycle.
//  - Cycles [start, end) tile all instants: no gap, no overlap, in every zone.
//  - Months begin on `cycle_day`; quarters and years begin on the same day, years in
//    `first_month_of_fiscal_year`, weeks on `first_weekday`. A month is named after the month in
//    which it starts: with cycle day 15, "2026-12" runs from 15 December to 14 January.
//
// Range: the zone's rules are followed from 1970 to 2200. What lies before is one long cycle, and
// so is what lies after; nothing throws.
//
// Zones come from the system's tz database (`tzdata`, through Howard Hinnant's date library; for
// the years that its files do not list, from the rule at their end), read once by `make`: a later
// update of tzdata takes effect with the next start. "UTC" needs no file.
//
// Threading: a Calendar never changes once made; share and copy it freely (a copy is cheap). A call
// costs about a microsecond.
//
//   Result<Calendar> calendar = Calendar::make({.zone = "Europe/Berlin"});
//   if (!calendar) return calendar.error();                             // code "unknown_zone"
//   Cycle month = calendar->cycle_containing(Period::month, now);       // first use of a cap
//   Cycle next = calendar->cycle_after(Period::month, stored_end, now); // every later one
//   calendar->local_text(next.end);                    // "Dec 1, 2026 00:00 (Europe/Berlin)"
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "purser/base/env.h"
#include "purser/base/result.h"

namespace purser {

// `none` is the period of a task's cap: one cycle, of all time.
enum class Period : std::uint8_t { day, week, month, quarter, year, none };

// "day" … "year", "none".
std::string_view name(Period period);
// Errors: "unknown_period".
Result<Period> parse_period(std::string_view text);

struct CalendarSettings {
  std::string zone = "UTC";            // a name of the tz database
  int cycle_day = 1;                   // 1 to 28
  int first_weekday = 1;               // ISO: 1 Monday … 7 Sunday
  int first_month_of_fiscal_year = 1;  // 1 January … 12 December
  bool operator==(const CalendarSettings&) const = default;
};

// [start, end)
struct Cycle {
  Instant start, end;
  bool contains(Instant instant) const { return start <= instant && instant < end; }
  bool operator==(const Cycle&) const = default;
};

class Calendar {
 public:
  // Errors: "unknown_zone", "bad_cycle_day", "bad_first_weekday", "bad_first_month".
  static Result<Calendar> make(const CalendarSettings& settings);

  const CalendarSettings& settings() const;

  // The regular cycle that contains the instant.
  Cycle cycle_containing(Period period, Instant instant) const;

  // The cycle that starts where a stored one ended. Where a setting (or tzdata) has changed in
  // between, that is not a regular bound: then it ends at the next regular one, so that cycles go
  // on tiling. A piece shorter than a quarter of a regular cycle is joined to the cycle behind it;
  // otherwise a changed zone would make a "month" of an hour that has a whole month's limit.
  Cycle cycle_after(Period period, Instant stored_end) const;

  // Of the cycles that follow a stored end, the one that contains `now`; for a cap that was idle
  // while cycles passed. Where `now` is before the stored end: the first that follows.
  Cycle cycle_after(Period period, Instant stored_end, Instant now) const;

  // The month cycle of a name, "2026-12". Errors: "bad_month".
  Result<Cycle> month_named(std::string_view month) const;
  // The name of the month cycle that contains the instant.
  std::string month_name(Instant instant) const;

  // What the zone's clock shows: "2026-12-01".
  std::string local_date(Instant instant) const;
  // For people: "Dec 1, 2026 00:00 (Europe/Berlin)".
  std::string local_text(Instant instant) const;

 private:
  struct State;
  explicit Calendar(std::shared_ptr<const State> state);
  std::shared_ptr<const State> state_;
};

// The start of the rollup bucket that contains the instant: 15 minutes, in UTC. Every zone's offset
// in use since 1986 is a multiple of 15 minutes, so local days are whole numbers of buckets.
Instant rollup_bucket(Instant instant);

}  // namespace purser
