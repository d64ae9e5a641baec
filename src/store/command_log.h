// With the setting command_log: each command with its outcome, for an independent checker (see
// tests/e2e/command_log_checker.py). One row for each sequence number, written in the command's own
// transaction. `outcome.steps` is what the command did on its way, in order: cycles opened, raises
// that ended, and, for a change, all that it changed. Amounts are nanos, instants nanoseconds UTC.
#pragma once

#include <optional>
#include <string_view>

#include "json_text.h"
#include "purser/store/records.h"
#include "purser/store/store.h"
#include "writer.h"

namespace purser::store {

void log_reserve(Writer& writer, const ReserveRequest& request, const CommandResult& result);
void log_settle(Writer& writer, const SettleRequest& request, const CommandResult& result);
void log_expire(Writer& writer, const Id& request, const CommandResult& result);
void log_change(Writer& writer, const Result<void>& outcome);

// Steps of the command in hand.
void log_open_cycle(Writer& writer, const ledger::Account& account);
void log_set_cap(Writer& writer, const Id& cap, const CapSpec& spec);
// EndCap, Raise, EndRaise, Reallocate, Stop, Resume: by the ledger's name for it.
void log_ledger_step(Writer& writer, const ledger::Command& command);
void log_adjust(Writer& writer, const Id& request, Nanos delta);
void log_overspent(Writer& writer, std::string_view price_id, bool overspent);
// Without a version: the key is forgotten.
void log_identity(Writer& writer, const Id& key, std::optional<std::int64_t> version, bool usable);
void log_step(Writer& writer, const JsonObject& step);

std::string_view name(StoreStatus status);

}  // namespace purser::store
