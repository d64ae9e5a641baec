// The tables of money: caps, accounts, holds, usage, rollups; audit and outbox.
#pragma once

namespace purser::store {

extern const char* const kLedgerSchema;
// Second step: an index of the usages still `unconfirmed`, few among millions. A query uses it that
// has its condition word for word.
extern const char* const kUnconfirmedIndex;

}  // namespace purser::store
