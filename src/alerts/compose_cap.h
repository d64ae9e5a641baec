// What is said of a cap: a threshold, a pause's end, another limit.
#pragma once

#include "compose.h"
#include "purser/reports/words.h"

namespace purser::alerts {

using reports::usd_text;

// From here on a threshold says who consumed what, and links to the raise.
inline constexpr int kBreakdownFromPercent = 80;

// "Team engineering", "ana@example.com": at a sentence's beginning, and within one.
std::string subject_of(const ComposeContext& context, const ledger::Scope& scope);
std::string named(const ComposeContext& context, const ledger::Scope& scope);
// "Dec 1, 2026 00:00 (Europe/Berlin)" of what an event has as "2026-11-30T23:00:00Z".
std::string local_time(const ComposeContext& context, const std::string& instant);
// The cap's balances as they are now, for an event that carries none.
void add_balances(const ComposeContext& context, const StoredEvent& event, Message& message);

void compose_threshold(const ComposeContext& context, const std::vector<StoredEvent>& events,
                       Message& message);
void compose_pause_ended(const ComposeContext& context, const StoredEvent& event, Message& message);
void compose_limit_changed(const ComposeContext& context, const StoredEvent& event,
                           Message& message);
void compose_runs_out_early(const ComposeContext& context, const StoredEvent& event,
                            Message& message);

}  // namespace purser::alerts
