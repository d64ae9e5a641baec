// The head of a chain: its newest entry, by number, time and hash. Since each hash covers all that
// came before, whoever holds a head can tell that the trail up to it was neither changed nor cut:
// that is why it should lie with somebody who cannot write to the ledger (docs/AUDIT.md).
//
//   std::string line = to_text(head);          // "50 2026-11-23T15:04:05Z 7199970c…"
//   Result<GivenHead> given = parse_head(line);  // or the hash alone
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "purser/audit/chain.h"
#include "purser/base/result.h"

namespace purser::audit {

struct Head {
  std::uint64_t sequence = 0;  // 0: nothing was written yet, the hash is all zeros
  Instant at;
  Hash hash{};
};

std::string to_text(const Head& head);  // one line, without its end

// A head as it comes back: without a number, where only the hash was kept.
struct GivenHead {
  std::optional<std::uint64_t> sequence;
  Hash hash{};
};

// What `to_text` wrote, with spaces or lines around it, or 64 hexadecimal digits alone. Error:
// bad_head.
Result<GivenHead> parse_head(std::string_view text);

}  // namespace purser::audit
