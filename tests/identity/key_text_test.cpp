#include <gtest/gtest.h>

#include <set>

#include "purser/identity/key_ring.h"

namespace purser::identity {
namespace {

TEST(KeyText, HasItsForm) {
  ManualEnv env(Instant{}, 1);
  const std::string text = make_key_text(env);
  EXPECT_EQ(text.size(), 53u);
  EXPECT_TRUE(text.starts_with("psr_"));
  EXPECT_TRUE(is_well_formed_key(text));
}

TEST(KeyText, EveryChangedOrLostLetterShows) {
  ManualEnv env(Instant{}, 2);
  const std::string text = make_key_text(env);
  for (std::size_t i = 0; i < text.size(); ++i) {
    std::string typo = text;
    typo[i] = typo[i] == 'a' ? 'b' : 'a';
    EXPECT_FALSE(is_well_formed_key(typo)) << i;
    std::string shorter = text;
    shorter.erase(i, 1);
    EXPECT_FALSE(is_well_formed_key(shorter)) << i;
  }
  EXPECT_FALSE(is_well_formed_key(text + "a"));
  EXPECT_FALSE(is_well_formed_key(""));
}

TEST(KeyText, SwappedNeighboursShow) {
  ManualEnv env(Instant{}, 3);
  const std::string text = make_key_text(env);
  for (std::size_t i = 4; i + 1 < text.size(); ++i) {
    if (text[i] == text[i + 1]) continue;
    std::string typo = text;
    std::swap(typo[i], typo[i + 1]);
    EXPECT_FALSE(is_well_formed_key(typo)) << i;
  }
}

TEST(KeyText, NoTwoAreAlike) {
  ManualEnv env(Instant{}, 4);
  std::set<std::string> seen;
  for (int i = 0; i < 1000; ++i) EXPECT_TRUE(seen.insert(make_key_text(env)).second);
}

// Bits that are all zero and all one: the length never changes.
class FixedEnv : public Env {
 public:
  explicit FixedEnv(std::uint8_t byte) : byte_(byte) {}
  Instant utc_now() override { return {}; }
  Duration boot_now() override { return {}; }
  void random_bytes(std::span<std::uint8_t> out) override {
    std::fill(out.begin(), out.end(), byte_);
  }

 private:
  std::uint8_t byte_;
};

TEST(KeyText, ItsEnds) {
  FixedEnv zeros(0), ones(0xFF);
  EXPECT_EQ(make_key_text(zeros).substr(0, 47), "psr_" + std::string(43, '0'));
  // 2^256 − 1 in base 62, from Python's integers.
  EXPECT_EQ(make_key_text(ones).substr(0, 47), "psr_yhjskwdA6OZ1AL1YmHWZWm8LLG7HjnuCA2j5rOw8Xp1");
  EXPECT_TRUE(is_well_formed_key(make_key_text(ones)));
}

}  // namespace
}  // namespace purser::identity
