// How a hold names the accounts it stands in, in memory and in its row.
#pragma once

#include <boost/container/small_vector.hpp>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "purser/base/env.h"
#include "purser/base/id.h"
#include "purser/ledger/scope.h"

namespace purser::store {

struct AccountKey {
  Id cap;
  Instant cycle_start;
  auto operator<=>(const AccountKey&) const = default;
};

struct AccountRef {
  ledger::Scope scope;
  AccountKey key;
};
using AccountRefs = boost::container::small_vector<AccountRef, 4>;

// 24 bytes each: the cap's id and the cycle's start (nanoseconds, big-endian).
inline constexpr std::size_t kAccountKeySize = 24;
std::string encode_accounts(const AccountRefs& accounts);
// A blob whose length is not a multiple of 24 is damaged: the rest is left out.
std::vector<AccountKey> decode_accounts(std::span<const std::uint8_t> blob);

}  // namespace purser::store

template <>
struct std::hash<purser::store::AccountKey> {
  std::size_t operator()(const purser::store::AccountKey& key) const noexcept {
    return std::hash<purser::Id>{}(key.cap) ^
           std::hash<std::int64_t>{}(key.cycle_start.time_since_epoch().count());
  }
};
