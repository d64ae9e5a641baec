#include "account_ref.h"

#include <algorithm>
#include <vector>

#include "purser/base/text.h"

namespace purser::store {

std::string encode_accounts(const AccountRefs& accounts) {
  std::string blob;
  blob.reserve(accounts.size() * kAccountKeySize);
  for (const AccountRef& account : accounts) {
    blob.append(reinterpret_cast<const char*>(account.key.cap.bytes.data()), 16);
    append_big_endian(
        blob, static_cast<std::uint64_t>(account.key.cycle_start.time_since_epoch().count()));
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
