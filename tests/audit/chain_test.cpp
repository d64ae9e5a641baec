#include "purser/audit/chain.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <set>
#include <utility>

namespace purser::audit {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

Entry entry(std::uint64_t sequence) {
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

std::vector<std::pair<Entry, Hash>> chain(std::uint64_t length) {
  std::vector<std::pair<Entry, Hash>> rows;
  Hash head{};
  for (std::uint64_t i = 1; i <= length; ++i) {
    head = entry_hash(head, entry(i));
    rows.emplace_back(entry(i), head);
  }
  return rows;
}

std::vector<std::string> problems(const std::vector<std::pair<Entry, Hash>>& rows) {
  ChainCheck check;
  for (const auto& [row, hash] : rows) check.take(row, hash);
  return check.problems();
}

TEST(Chain, AnIntactOneHasNoProblems) {
  const auto rows = chain(20);
  ChainCheck check;
  for (const auto& [row, hash] : rows) check.take(row, hash);
  EXPECT_THAT(check.problems(), IsEmpty());
  EXPECT_EQ(check.entries(), 20u);
  EXPECT_EQ(check.head(), rows.back().second);
}

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

TEST(Chain, AnEditIsReportedOnce) {
  auto rows = chain(10);
  rows[4].first.reason = "another reason";
  EXPECT_THAT(problems(rows), ElementsAre(HasSubstr("Audit entry 5")));
}

TEST(Chain, AnEditWithItsOwnHashBreaksTheNext) {
  auto rows = chain(10);
  rows[4].first.reason = "another reason";
  rows[4].second = entry_hash(rows[3].second, rows[4].first);
  EXPECT_THAT(problems(rows), ElementsAre(HasSubstr("Audit entry 6")));
}

TEST(Chain, AGapShows) {
  auto rows = chain(10);
  rows.erase(rows.begin() + 4);
  EXPECT_THAT(problems(rows), ElementsAre(HasSubstr("missing")));
}

TEST(Chain, ASwapShows) {
  auto rows = chain(10);
  std::swap(rows[4], rows[5]);
  EXPECT_THAT(problems(rows), SizeIs(3));
}

}  // namespace
}  // namespace purser::audit
