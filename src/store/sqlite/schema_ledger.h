// The tables of money: caps, accounts, holds, usage, rollups; audit and outbox.
#pragma once

namespace purser::store {

extern const char* const kLedgerSchema;
// Second step: an index of the usages still `unconfirmed`, few among millions. A query uses it that
// has its condition word for word.
extern const char* const kUnconfirmedIndex;
// Third step: what changes with every request is found by a number. Accounts and rollups become
// tables whose rows SQLite numbers, holds are numbered by the command that made them. (A row that
// is found by its whole key costs a search through keys of 50 to 150 bytes, twice for each change.)
extern const char* const kNumberedRows;

}  // namespace purser::store
