// A chain of entries as a store would have written it.
#pragma once

#include <utility>
#include <vector>

#include "purser/audit/chain.h"

namespace purser::audit {

inline Entry entry(std::uint64_t sequence) {
  Entry entry;
  entry.workspace.bytes[0] = 1;
  entry.sequence = sequence;
  entry.at = Instant{std::chrono::seconds(1'800'000'000 + sequence)};
  entry.actor.bytes[15] = 9;
  entry.actor_name = "Ada";
  entry.action = "cap.set";
  entry.target = "cap/1";
  entry.from = "{\"limit\":\"1\"}";
  entry.to = "{\"limit\":\"2\"}";
  entry.reason = "because";
  return entry;
}

using Rows = std::vector<std::pair<Entry, Hash>>;

inline Rows chain(std::uint64_t length) {
  Rows rows;
  Hash head{};
  for (std::uint64_t i = 1; i <= length; ++i) {
    head = entry_hash(head, entry(i));
    rows.emplace_back(entry(i), head);
  }
  return rows;
}

}  // namespace purser::audit
