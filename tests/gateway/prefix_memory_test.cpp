#include "prefix_memory.h"

#include <gtest/gtest.h>

namespace purser::gateway {
namespace {

providers::RequestShape turns(std::initializer_list<std::uint64_t> digests,
                              std::int64_t tokens_each) {
  providers::RequestShape shape;
  for (const std::uint64_t digest : digests) {
    shape.input_tokens += tokens_each;
    shape.prefixes.push_back({{digest, digest}, shape.input_tokens});
  }
  return shape;
}

TEST(PrefixMemory, TheNextTurnCostsWhatTheLastWasBilledPlusWhatIsNew) {
  PrefixMemory memory(10);
  memory.remember(turns({1, 2}, 1000), 450);
  EXPECT_EQ(memory.tighten(turns({1, 2, 3}, 1000)), 450 + 1000);
}

TEST(PrefixMemory, AnotherConversationIsNotTightened) {
  PrefixMemory memory(10);
  memory.remember(turns({1, 2}, 1000), 450);
  EXPECT_EQ(memory.tighten(turns({1, 7, 3}, 1000)), 3000);
}

TEST(PrefixMemory, ABillAboveTheBytesDoesNotLoosenTheBound) {
  PrefixMemory memory(10);
  memory.remember(turns({1, 2}, 1000), 9000);
  EXPECT_EQ(memory.tighten(turns({1, 2, 3}, 1000)), 3000);
}

TEST(PrefixMemory, TheDearestBillOfAPrefixStands) {
  PrefixMemory memory(10);
  memory.remember(turns({1}, 1000), 450);
  memory.remember(turns({1}, 1000), 400);
  EXPECT_EQ(memory.tighten(turns({1, 2}, 1000)), 1450);
}

TEST(PrefixMemory, WhatOnlyTheProviderSawIsNotRemembered) {
  PrefixMemory memory(10);
  providers::RequestShape shape = turns({1, 2}, 1000);
  shape.reads_unseen = true;
  memory.remember(shape, 10);
  EXPECT_EQ(memory.tighten(turns({1, 2, 3}, 1000)), 3000);
}

TEST(PrefixMemory, ForgetsTheLeastRecentlyUsed) {
  PrefixMemory memory(2);
  memory.remember(turns({1}, 1000), 100);
  memory.remember(turns({2}, 1000), 200);
  EXPECT_EQ(memory.tighten(turns({1, 9}, 1000)), 1100);
  memory.remember(turns({3}, 1000), 300);
  EXPECT_EQ(memory.tighten(turns({2, 9}, 1000)), 2000);
  EXPECT_EQ(memory.tighten(turns({1, 9}, 1000)), 1100);
}

}  // namespace
}  // namespace purser::gateway
