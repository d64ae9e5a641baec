#include "sign_in_failures.h"

#include <gtest/gtest.h>

#include "purser/identity/sign_in.h"

namespace purser::identity {
namespace {

using Verdict = SignInFailures::Verdict;

class SignInFailuresTest : public ::testing::Test {
 protected:
  // How many of `tries` may be made.
  int let_through(int tries, const std::string& user, const std::string& peer) {
    int count = 0;
    for (int i = 0; i < tries; ++i) count += failures.begin(user, peer) == Verdict::may_try;
    return count;
  }
  static std::string address(int i) { return "192.0.2." + std::to_string(i); }

  ManualEnv env{Instant{}, 1};
  SignInFailures failures{env};
};

TEST_F(SignInFailuresTest, OfOneUserFromOneNetwork) {
  EXPECT_EQ(let_through(100, "ada", address(1)), kFailuresOfUserHere);
  env.advance(kFailureRefillOfUser - std::chrono::nanoseconds(1));
  EXPECT_EQ(let_through(100, "ada", address(1)), 0);
  env.advance(std::chrono::nanoseconds(1));
  EXPECT_EQ(let_through(100, "ada", address(1)), 1);
  env.advance(kFailureRefillOfUser * 2);
  EXPECT_EQ(let_through(100, "ada", address(1)), 2);
}

TEST_F(SignInFailuresTest, OfOneUserFromAnywhere) {
  int count = 0;
  for (int i = 0; i < 100; ++i) count += let_through(1, "ada", address(i));
  EXPECT_EQ(count, kFailuresOfUser);
  EXPECT_EQ(let_through(1, "mia", address(200)), 1);
}

TEST_F(SignInFailuresTest, InAll) {
  int count = 0;
  for (int i = 0; i < 1000; ++i) count += let_through(1, "user" + std::to_string(i), address(1));
  EXPECT_EQ(count, kFailuresInAll);
  env.advance(kFailureRefillInAll);
  EXPECT_EQ(let_through(5, "somebody", address(2)), 1);
}

TEST_F(SignInFailuresTest, WhereTheUserSignedInBeforeOthersAreInNobodysWay) {
  ASSERT_EQ(let_through(1, "ada", address(1)), 1);
  failures.succeeded("ada", address(1));
  for (int i = 2; i < 200; ++i) let_through(1, "ada", address(i));
  EXPECT_EQ(let_through(1, "ada", address(200)), 0);
  EXPECT_EQ(let_through(1, "ada", address(1)), 1);
}

TEST_F(SignInFailuresTest, AGoodOneIsTakenBack) {
  for (int i = 0; i < 1000; ++i) {
    ASSERT_EQ(let_through(1, "ada", address(1)), 1) << i;
    failures.succeeded("ada", address(1));
  }
}

TEST_F(SignInFailuresTest, ABurstIsWorthOneRecord) {
  let_through(kFailuresOfUserHere, "ada", address(1));
  EXPECT_EQ(failures.begin("ada", address(1)), Verdict::refused_and_worth_a_record);
  EXPECT_EQ(failures.begin("ada", address(1)), Verdict::refused);
  env.advance(std::chrono::minutes(10));
  let_through(100, "ada", address(2));
  EXPECT_EQ(failures.begin("ada", address(2)), Verdict::refused);  // one of the hundred was
}

TEST_F(SignInFailuresTest, IsBounded) {
  for (int i = 0; i < 30'000; ++i) {
    failures.begin("user" + std::to_string(i), address(i % 200));
    env.advance(std::chrono::milliseconds(1));
  }
  EXPECT_LE(failures.remembered(), 10'000u);
}

TEST(NetworkOf, IsAnAddressOrTheSixtyFourBitsOfOne) {
  EXPECT_EQ(network_of("192.0.2.1"), "192.0.2.1");
  EXPECT_EQ(network_of("2001:db8:1:2::1"), network_of("2001:db8:1:2:ffff::9"));
  EXPECT_NE(network_of("2001:db8:1:2::1"), network_of("2001:db8:1:3::1"));
  EXPECT_NE(network_of("::ffff:192.0.2.1"), network_of("::ffff:192.0.2.2"));
}

}  // namespace
}  // namespace purser::identity
