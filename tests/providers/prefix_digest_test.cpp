#include "prefix_digest.h"

#include <gtest/gtest.h>

#include <array>
#include <set>
#include <string>
#include <vector>

namespace purser::providers {
namespace {

using Value = std::array<std::uint64_t, 2>;

Value digest_of(const std::string& body, const std::vector<Span>& cuts = {}) {
  PrefixDigest digest;
  digest.add_without(body, {0, body.size()}, cuts);
  return digest.value();
}

TEST(PrefixDigest, DiffersForTextsThatDifferOnlyInLengthOrWhereTheyAreCut) {
  std::set<Value> seen;
  // Around the 16 bytes of a block, where padding could make two lengths one.
  for (std::size_t size = 0; size <= 66; ++size)
    EXPECT_TRUE(seen.insert(digest_of(std::string(size, '\0'))).second) << size;
  PrefixDigest first, second;
  first.add("ab");
  first.add("c");
  second.add("a");
  second.add("bc");
  EXPECT_NE(first.value(), second.value());
}

TEST(PrefixDigest, SaysItsValueOnTheWayAndGoesOn) {
  const std::string text = R"({"role":"user","content":"A text of more than two blocks."})";
  PrefixDigest digest;
  for (std::size_t size = 1; size <= text.size(); ++size) {
    digest.add_without(text, {size - 1, size}, {});
    ASSERT_EQ(digest.value(), digest_of(text.substr(0, size))) << size;
  }
}

TEST(PrefixDigest, LeavesOutWhatIsCut) {
  EXPECT_EQ(digest_of("[1,CUT2]", {{3, 6}}), digest_of("[1,2]"));
  EXPECT_NE(digest_of("[1,CUT2]"), digest_of("[1,2]"));
}

}  // namespace
}  // namespace purser::providers
