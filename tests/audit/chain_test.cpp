#include "purser/audit/chain.h"

#include <gtest/gtest.h>

#include <functional>
#include <set>
#include <utility>

#include "chain_test_support.h"

namespace purser::audit {
namespace {

// The form is a contract with every file written: a change of it would break all chains. The figure
// was computed with Python's hashlib from the form as the header states it.
TEST(Chain, TheFormIsFixed) {
  EXPECT_EQ(to_hex(entry_hash({}, entry(1))),
            "7199970c14428af910c4cfe352fde1cec8d56276e99f018902e088afade08893");
}

TEST(Chain, EveryColumnCounts) {
  const std::vector<std::function<void(Entry&)>> edits = {
      [](Entry& e) { e.workspace.bytes[3] = 1; }, [](Entry& e) { e.sequence = 7; },
      [](Entry& e) { e.at += Duration{1}; }, [](Entry& e) { e.actor = {}; },
      [](Entry& e) { e.actor_name = "Bob"; }, [](Entry& e) { e.action = "cap.end"; },
      [](Entry& e) { e.target = "cap/2"; }, [](Entry& e) { e.from.clear(); },
      [](Entry& e) { e.to = "{}"; }, [](Entry& e) { e.reason += " "; },
      // Bytes that move from one column to the next are a change, too.
      [](Entry& e) { std::swap(e.from, e.to); },
      [](Entry& e) {
        e.reason = e.to.back() + e.reason;
        e.to.pop_back();
      }};
  std::set<Hash> hashes = {entry_hash({}, entry(1))};
  for (const auto& edit : edits) {
    Entry edited = entry(1);
    edit(edited);
    EXPECT_TRUE(hashes.insert(entry_hash({}, edited)).second);
  }
  Hash other{};
  other[31] = 1;
  EXPECT_TRUE(hashes.insert(entry_hash(other, entry(1))).second);
}

TEST(Chain, HexReadsBack) {
  const Hash hash = entry_hash({}, entry(1));
  EXPECT_EQ(from_hex(to_hex(hash)), hash);
  EXPECT_FALSE(from_hex(to_hex(hash) + "0"));
  EXPECT_FALSE(from_hex("g" + to_hex(hash).substr(1)));
}

}  // namespace
}  // namespace purser::audit
