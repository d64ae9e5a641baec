#include "known_requests.h"

#include <gtest/gtest.h>

#include <random>
#include <set>

#include "purser/base/env.h"

namespace purser::store {
namespace {

Id numbered(std::uint32_t number) {
  Id id;
  for (std::size_t i = 0; i < 4; ++i)
    id.bytes[i] = static_cast<std::uint8_t>(number >> (8 * (3 - i)));
  return id;
}

TEST(KnownRequests, WhatTheFileMayHaveIsAskedAbout) {
  const KnownRequests known(numbered(1000));
  EXPECT_TRUE(known.may_be_known(numbered(999)));
  EXPECT_TRUE(known.may_be_known(numbered(1000)));
  EXPECT_FALSE(known.may_be_known(numbered(1001)));
}

TEST(KnownRequests, AnEmptyFileHasNone) {
  KnownRequests known;
  EXPECT_FALSE(known.may_be_known(numbered(1)));
  known.add(numbered(1));
  EXPECT_TRUE(known.may_be_known(numbered(1)));
}

// More than are remembered, in an order that is not that of their ids: never a false "no".
TEST(KnownRequests, NeverForgetsThatItForgot) {
  std::mt19937 random(20261125);
  std::set<std::uint32_t> added;
  KnownRequests known;
  for (std::uint32_t i = 0; i < 40'000; ++i) {
    const auto number = static_cast<std::uint32_t>(10 * i + random() % 5'000);
    added.insert(number);
    known.add(numbered(number));
    if (i % 100 == 0) {
      const auto some = added.lower_bound(static_cast<std::uint32_t>(random() % (10 * i + 1)));
      ASSERT_TRUE(known.may_be_known(numbered(*some)));
    }
  }
  for (const std::uint32_t number : added) ASSERT_TRUE(known.may_be_known(numbered(number)));
  // And it is of use: what is new is not asked about.
  EXPECT_FALSE(known.may_be_known(numbered(500'000)));
}

}  // namespace
}  // namespace purser::store
