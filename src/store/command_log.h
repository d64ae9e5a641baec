// With the setting command_log: each command with its outcome, for an independent checker.
#pragma once

#include "purser/store/records.h"
#include "writer.h"

namespace purser::store {

void log_reserve(Writer& writer, const ReserveRequest& request, const CommandResult& result);
void log_settle(Writer& writer, const SettleRequest& request, const CommandResult& result);
void log_change(Writer& writer, const Result<void>& outcome);

std::string_view name(StoreStatus status);

}  // namespace purser::store
