// The tables of money: caps, accounts, holds, usage, rollups; audit and outbox.
#pragma once

namespace purser::store {

extern const char* const kLedgerSchema;

}  // namespace purser::store
