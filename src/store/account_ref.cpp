#include "account_ref.h"

#include <algorithm>
#include <vector>

namespace purser::store {

std::string encode_accounts(const AccountRefs& accounts) {
  std::string blob;
  blob.reserve(accounts.size() * kAccountKeySize);
  for (const AccountRef& account : accounts) {
    blob.append(reinterpret_cast<const char*>(account.key.cap.bytes.data()), 16);
    const auto start =
        static_cast<std::uint64_t>(account.key.cycle_start.time_since_epoch().count());
    for (int shift = 56; shift >= 0; shift -= 8)
      blob.push_back(static_cast<char>(static_cast<std::uint8_t>(start >> shift)));
  }
  return blob;
}

std::vector<AccountKey> decode_accounts(std::span<const std::uint8_t> blob) {
  std::vector<AccountKey> keys;
  for (; blob.size() >= kAccountKeySize; blob = blob.subspan(kAccountKeySize)) {
    AccountKey key;
    std::copy_n(blob.begin(), 16, key.cap.bytes.begin());
    std::uint64_t start = 0;
    for (const auto byte : blob.subspan(16, 8)) start = (start << 8) | byte;
    key.cycle_start = Instant{Duration{static_cast<std::int64_t>(start)}};
    keys.push_back(key);
  }
  return keys;
}

}  // namespace purser::store
