// Sentences about spending, for busy people: what alerts, the page of a raise and the command line
// say. None ends with a full stop, so that they can be parts of others.
//
// Percent are whole and rounded down, so that "100 %" means reached. Thread-safe: no state.
//
//   pace_text(pace)               "68 % of the limit is spent and 40 % of the month is gone: ahead
//   of
//                                  pace"
//   run_out_text(when, …)         "at the current velocity it runs out on Thu 19 November"
//   forecast_text(f, period)      "about USD 512.00 are expected by the end of the month, probably
//                                  between USD 480.00 and USD 560.00"
#pragma once

#include <optional>
#include <string>

#include "purser/base/calendar.h"
#include "purser/reports/forecast.h"
#include "purser/reports/pace.h"

namespace purser::reports {

// "USD 12.50"; parts of a cent are rounded up.
std::string usd_text(Nanos amount);

// "ahead of pace", "on pace", "behind pace".
std::string_view pace_words(PaceState state);
// "ahead", "on_pace", "behind": as the API has it.
std::string_view name(PaceState state);

std::string pace_text(const Pace& pace);

// `when` is what instant_of_running_out gives. Also: "it has run out", "… it runs out today at
// about 15:00", "at the current velocity it does not run out before the month ends".
std::string run_out_text(const std::optional<Instant>& when, Instant now, Period period,
                         const Calendar& calendar);

std::string forecast_text(const Forecast& forecast, Period period);

// One of these as a whole sentence: with a capital and a full stop.
std::string sentence(std::string text);

// For a cap without a cycle, in place of all of these: "a task's cap has no cycle, so there is no
// pace and no forecast".
std::string_view no_cycle_text();

// "Thu 19 November"; with the year where it is not that of `now`.
std::string day_text(Instant instant, Instant now, const Calendar& calendar);

}  // namespace purser::reports
