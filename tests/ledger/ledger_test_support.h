// Small account sets for examples.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "purser/ledger/apply.h"

namespace purser::ledger {

inline constexpr Instant kNow{std::chrono::hours(24 * 20'000 + 7)};
inline Nanos usd(std::int64_t whole) { return Nanos{whole * kNanosPerUsd}; }
inline Nanos cents(std::int64_t count) { return Nanos{count * kNanosPerUsd / 100}; }

inline Id id_of(std::uint8_t number) {
  Id id;
  id.bytes[15] = number;
  return id;
}

inline Account account(std::uint8_t number, Nanos limit, Nanos spent = {}, Nanos held = {},
                       Enforcement enforcement = Enforcement::hard) {
  Account account;
  account.cap = id_of(number);
  account.scope = {ScopeKind::user, id_of(number)};
  account.enforcement = enforcement;
  account.cycle_start = Instant{std::chrono::hours(24 * 20'000)};
  account.cycle_end = Instant{std::chrono::hours(24 * 20'030)};
  account.limit = limit;
  account.spent = spent;
  account.held = held;
  return account;
}

// Each account under a scope of its own.
inline AccountSet set_of(std::initializer_list<Account> accounts) {
  AccountSet set;
  for (const Account& each : accounts) {
    set.scopes.push_back({each.scope, false, 1});
    set.accounts.push_back(each);
  }
  return set;
}

inline Reserve reserve_of(std::initializer_list<Nanos> forms, Nanos smallest) {
  Reserve command;
  for (const Nanos form : forms) command.forms.push_back(form);
  command.smallest = smallest;
  return command;
}

inline Cap cap_of(const Account& account) {
  Cap cap;
  cap.id = account.cap;
  cap.scope = account.scope;
  cap.limit = account.limit;
  return cap;
}

}  // namespace purser::ledger
