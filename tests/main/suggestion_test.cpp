#include "suggestion.h"

#include <gtest/gtest.h>

namespace purser::main {
namespace {

TEST(Suggestion, FindsTheNearestName) {
  EXPECT_EQ(nearest("prot", {"port", "proxy"}), "port");
  EXPECT_EQ(nearest("hed_bytes", {"head_bytes", "body_bytes"}), "head_bytes");
  EXPECT_EQ(nearest("body_byte", {"head_bytes", "body_bytes"}), "body_bytes");
}

TEST(Suggestion, SaysNothingWhereNothingIsNear) {
  EXPECT_EQ(nearest("colour", {"port", "listen"}), "");
  EXPECT_EQ(nearest("x", {"port"}), "");
  EXPECT_EQ(nearest(std::string(10'000, 'a'), {"port"}), "");
}

}  // namespace
}  // namespace purser::main
