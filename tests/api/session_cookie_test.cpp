#include "purser/api/session_cookie.h"

#include <gtest/gtest.h>

namespace purser::api {
namespace {

TEST(SessionCookie, IsFoundAmongOthers) {
  EXPECT_EQ(session_in("purser_session=pss_1"), "pss_1");
  EXPECT_EQ(session_in("a=b; purser_session=pss_1; c=d"), "pss_1");
  EXPECT_EQ(session_in("a=b;purser_session=x=y"), "x=y");
  for (const char* none : {"", ";", "purser_session", "xpurser_session=1", "purser_sessionx=1",
                           "PURSER_SESSION=1", "a=purser_session=1"})
    EXPECT_EQ(session_in(none), "") << none;
}

TEST(SessionCookie, OfTwoNoneIsTaken) {
  EXPECT_EQ(session_in("purser_session=1; purser_session=2"), "");
  EXPECT_EQ(session_in("purser_session=; purser_session=2"), "");
  EXPECT_EQ(session_in("purser_session=1; a=b; purser_session=1"), "");
}

}  // namespace
}  // namespace purser::api
