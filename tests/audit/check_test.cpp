// What is off with a chain is found, and told by number and kind.
#include "purser/audit/check.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "chain_test_support.h"

namespace purser::audit {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

ChainCheck checked(const Rows& rows, std::vector<GivenHead> heads = {}) {
  ChainCheck check(std::move(heads));
  for (const auto& [row, hash] : rows) check.take(row, hash);
  check.finish();
  return check;
}

// "edited 5", "missing 5-7".
std::vector<std::string> findings(const Rows& rows, std::vector<GivenHead> heads = {}) {
  std::vector<std::string> told;
  const ChainCheck check = checked(rows, std::move(heads));
  for (const Finding& one : check.findings()) {
    told.push_back(std::string(name(one.flaw)) + " " + std::to_string(one.sequence) +
                   (one.last == one.sequence ? "" : "-" + std::to_string(one.last)));
  }
  return told;
}

// As an UPDATE of the numbers leaves them: the rows come in the order of their new ones.
Rows renumbered(Rows rows, const std::vector<std::pair<std::size_t, std::uint64_t>>& numbers) {
  for (const auto& [row, number] : numbers) rows[row].first.sequence = number;
  std::stable_sort(rows.begin(), rows.end(), [](const auto& one, const auto& other) {
    return one.first.sequence < other.first.sequence;
  });
  return rows;
}

TEST(ChainCheck, AnIntactOneHasNoFindings) {
  const auto rows = chain(20);
  const ChainCheck check = checked(rows);
  EXPECT_THAT(check.findings(), IsEmpty());
  EXPECT_EQ(check.entries(), 20u);
  EXPECT_EQ(check.head().sequence, 20u);
  EXPECT_EQ(check.head().hash, rows.back().second);
  EXPECT_EQ(check.head().at, rows.back().first.at);
  EXPECT_THAT(findings({}), IsEmpty());
}

TEST(ChainCheck, AnEditIsToldOnce) {
  auto rows = chain(10);
  rows[4].first.reason = "another reason";
  EXPECT_THAT(findings(rows), ElementsAre("edited 5"));
  EXPECT_THAT(checked(rows).findings().front().sentence,
              HasSubstr("Audit entry 5 (cap.set of cap/1) does not match its hash"));
  rows[7].first.at += Duration{1};
  rows[9].first.actor = {};
  EXPECT_THAT(findings(rows), ElementsAre("edited 5", "edited 8", "edited 10"));
}

TEST(ChainCheck, AnEditWithItsOwnHashBreaksTheNext) {
  auto rows = chain(10);
  rows[4].first.reason = "another reason";
  rows[4].second = entry_hash(rows[3].second, rows[4].first);
  EXPECT_THAT(findings(rows), ElementsAre("edited 6"));
  EXPECT_THAT(checked(rows).findings().front().sentence,
              HasSubstr("or entry 5 was, and given a hash of its own"));
}

TEST(ChainCheck, AHashThatIsNotTheEntrysOwn) {
  auto rows = chain(10);
  rows[4].second[0] ^= 1;
  EXPECT_THAT(findings(rows), ElementsAre("rehashed 5"));
  rows = chain(10);
  std::swap(rows[4].second, rows[7].second);
  EXPECT_THAT(findings(rows), ElementsAre("rehashed 5", "rehashed 8"));
  rows = chain(10);
  std::swap(rows[4].second, rows[5].second);
  EXPECT_THAT(findings(rows), ElementsAre("rehashed 5", "rehashed 6"));
  rows = chain(10);
  rows[9].second[31] ^= 1;  // nothing follows that could tell the two apart
  EXPECT_THAT(findings(rows), ElementsAre("edited 10"));
}

TEST(ChainCheck, WhatWasRemovedIsMissing) {
  auto rows = chain(10);
  rows.erase(rows.begin() + 4);
  EXPECT_THAT(findings(rows), ElementsAre("missing 5"));
  EXPECT_THAT(checked(rows).findings().front().sentence,
              HasSubstr("Audit entry 5 is missing; entry 6 cannot be checked"));
  rows.erase(rows.begin() + 4, rows.begin() + 6);
  EXPECT_THAT(findings(rows), ElementsAre("missing 5-7"));
  rows = chain(10);
  rows.erase(rows.begin());
  EXPECT_THAT(findings(rows), ElementsAre("missing 1"));
  rows[6].first.reason = "another reason";
  EXPECT_THAT(findings(rows), ElementsAre("missing 1", "edited 8"));
}

TEST(ChainCheck, WhatWasSwappedIsToldAsASwap) {
  EXPECT_THAT(findings(renumbered(chain(10), {{4, 6}, {5, 5}})), ElementsAre("swapped 5-6"));
  EXPECT_THAT(findings(renumbered(chain(10), {{2, 8}, {7, 3}})), ElementsAre("swapped 3-8"));
  EXPECT_THAT(findings(renumbered(chain(10), {{0, 10}, {9, 1}})), ElementsAre("swapped 1-10"));
}

TEST(ChainCheck, WhatWasReorderedIsToldAsMoved) {
  EXPECT_THAT(findings(renumbered(chain(10), {{3, 5}, {4, 6}, {5, 4}})),
              ElementsAre("moved 4", "moved 5", "moved 6"));
  EXPECT_THAT(findings(renumbered(chain(10), {{3, 77}})), ElementsAre("moved 77"));
  EXPECT_THAT(checked(renumbered(chain(10), {{3, 77}})).findings().front().sentence,
              HasSubstr("was written as entry 4: its number was changed"));
  EXPECT_THAT(findings(renumbered(chain(10), {{9, 12}})), ElementsAre("moved 12"));
}

TEST(ChainCheck, ANumberThatStandsTwice) {
  auto rows = chain(10);
  rows.insert(rows.begin() + 5, rows[4]);
  EXPECT_THAT(findings(rows), ElementsAre("repeated 5"));
}

TEST(ChainCheck, ACutTailShowsAgainstAHeadAlone) {
  const auto whole = chain(10);
  const GivenHead head{10, whole.back().second};
  const GivenHead hash_alone{std::nullopt, whole.back().second};
  EXPECT_THAT(findings(whole, {head, hash_alone}), IsEmpty());
  const Rows cut(whole.begin(), whole.end() - 3);
  EXPECT_THAT(findings(cut), IsEmpty());
  EXPECT_THAT(findings(cut, {head}), ElementsAre("head 8-10"));
  EXPECT_THAT(checked(cut, {head}).findings().front().sentence,
              HasSubstr("ends at entry 7, but the given head is of entry 10: entries 8 to 10 are "
                        "cut off"));
  EXPECT_THAT(findings(cut, {hash_alone}), ElementsAre("head 0"));
  EXPECT_THAT(findings({}, {head}), ElementsAre("head 1-10"));
  // A head of an earlier day still fits the longer trail.
  EXPECT_THAT(findings(whole, {{4, whole[3].second}, {std::nullopt, whole[3].second}}), IsEmpty());
}

TEST(ChainCheck, AChainWrittenAnewShowsAgainstAHead) {
  const auto whole = chain(10);
  auto forged = whole;
  forged[2].first.reason = "another reason";
  for (std::size_t i = 2; i < forged.size(); ++i)
    forged[i].second = entry_hash(forged[i - 1].second, forged[i].first);
  EXPECT_THAT(findings(forged), IsEmpty());
  EXPECT_THAT(findings(forged, {{10, whole.back().second}}), ElementsAre("head 10"));
  EXPECT_THAT(findings(forged, {{std::nullopt, whole.back().second}}), ElementsAre("head 0"));
  EXPECT_THAT(findings(forged, {{2, whole[1].second}}), IsEmpty());
}

// What was exported from a date on goes on from the head that was taken then.
TEST(ChainCheck, APartGoesOnFromAGivenHead) {
  const auto whole = chain(10);
  Rows part(whole.begin() + 4, whole.end());
  EXPECT_THAT(findings(part), ElementsAre("missing 1-4"));
  EXPECT_THAT(findings(part, {{4, whole[3].second}}), IsEmpty());
  EXPECT_THAT(findings(part, {{std::nullopt, whole[3].second}}), IsEmpty());
  part.front().first.reason = "another reason";
  EXPECT_THAT(findings(part, {{4, whole[3].second}}), ::testing::Not(IsEmpty()));
}

TEST(ChainCheck, IsBounded) {
  auto rows = chain(3000);
  for (auto& [row, hash] : rows) row.reason += "!";
  const ChainCheck check = checked(rows);
  EXPECT_EQ(check.findings().size(), ChainCheck::kMostFindings);
  EXPECT_EQ(check.findings().size() + check.left_out(), 3000u);
  EXPECT_EQ(check.entries(), 3000u);
}

TEST(Head, ReadsBackFromItsLineAndFromItsHash) {
  const auto rows = chain(3);
  const Head head{3, rows[2].first.at, rows[2].second};
  for (const auto& text : {to_text(head), "\n  " + to_text(head) + "\r\n"}) {
    const auto read = parse_head(text);
    ASSERT_TRUE(read) << text;
    EXPECT_EQ(read->sequence, 3u);
    EXPECT_EQ(read->hash, head.hash);
  }
  const auto bare = parse_head(to_hex(head.hash));
  ASSERT_TRUE(bare);
  EXPECT_FALSE(bare->sequence);
  for (const auto* text : {"", "3", "x", "3 2026-11-23 00", "three 2026-11-23T00:00:00Z"})
    EXPECT_EQ(parse_head(text).error().code, "bad_head") << text;
  EXPECT_FALSE(parse_head("-3 " + to_hex(head.hash)));
  EXPECT_FALSE(parse_head("1 2 3 " + to_hex(head.hash)));
}

}  // namespace
}  // namespace purser::audit
