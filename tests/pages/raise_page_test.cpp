#include "pages_test_support.h"

namespace purser::pages {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr const char* kCase = R"({
  "subject": "Sam Rivera", "cycle": {"start": "x", "end": "y", "elapsed_percent": 70},
  "pace": {"state": "ahead", "text": "85 % spent, 70 % of the cycle gone: ahead of pace."},
  "forecast": {"total_usd": "182.5", "low_usd": "160", "high_usd": "204",
               "straight_line_usd": "190", "runs_out_at": "2026-12-19T10:30:00Z"},
  "breakdown": {"by_user": [{"name": "Sam Rivera", "cost_usd": "120", "percent": 94.1}],
                "by_project": [], "by_model": [{"name": "openai/gpt-5", "cost_usd": "120", "percent": 94.1}]},
  "suggestions": [{"limit_usd": "190", "why": "covers what is expected"},
                  {"limit_usd": "210", "why": "covers nine of ten cases"},
                  {"limit_usd": "250", "why": "leaves room"}],
  "exposure": {"before_usd": "8000", "after": [{"limit_usd": "190", "exposure_usd": "8040"},
    {"limit_usd": "210", "exposure_usd": "8060"}, {"limit_usd": "250", "exposure_usd": "8000"}]}})";

class RaisePageTest : public PagesTest {
 protected:
  void SetUp() override {
    PagesTest::SetUp();
    session = session_of("ada@example.com");
    cap = cap_id("user", "sam@example.com");
    path = "/raise/" + cap;
  }
  ApiResponse raise(const std::string& form) {
    return send(path, session, form + token_in(open(path, session)));
  }
  std::string session, cap, path;
};

TEST_F(RaisePageTest, ShowsTheCase) {
  case_json = kCase;
  const auto page = open(path, session);
  EXPECT_EQ(page.status, 200);
  EXPECT_THAT(page.body, AllOf(HasSubstr("Sam Rivera"), HasSubstr("ahead of pace"),
                               HasSubstr("$182.50"), HasSubstr("runs out on 2026-12-19 10:30 UTC"),
                               HasSubstr("openai/gpt-5"), HasSubstr("94.1 %")));
  EXPECT_THAT(page.body, AllOf(HasSubstr("value=\"190\" checked"), HasSubstr("value=\"210\">"),
                               HasSubstr("value=\"250\">"), HasSubstr("$8,000.00 → $8,040.00"),
                               HasSubstr("stays $8,000.00")));
  EXPECT_THAT(page.body, HasSubstr("value=\"cycle_end\" checked"));
}

TEST_F(RaisePageTest, OneButtonDoesIt) {
  case_json = kCase;
  // As a browser sends the form when nothing was touched.
  const auto done = raise("request=&amount=190&other_usd=&until=cycle_end&until_date=&reason=");
  ASSERT_EQ(done.status, 200) << done.body;
  EXPECT_THAT(done.body, AllOf(HasSubstr("The limit is raised"), HasSubstr("$190.00")));
  const auto after = get("/api/v1/caps/" + cap);
  EXPECT_EQ(after.text("limit_usd"), "190");
  EXPECT_EQ(after.text("base_limit_usd"), "150");  // falls back by itself
}

TEST_F(RaisePageTest, AFreeAmountUntilADayWithAReason) {
  const auto done =
      raise("amount=other&other_usd=%24333.5&until=date&until_date=2026-11-28&reason=trade+fair");
  ASSERT_EQ(done.status, 200) << done.body;
  const auto after = get("/api/v1/caps/" + cap);
  EXPECT_EQ(after.text("limit_usd"), "333.5");
  EXPECT_THAT(text_at(after.body.at("raise"), "until"), HasSubstr("2026-11-28"));
  EXPECT_THAT(trail(), HasSubstr("trade fair"));
}

TEST_F(RaisePageTest, ForGood) {
  ASSERT_EQ(raise("amount=other&other_usd=300&until=for_good").status, 200);
  EXPECT_EQ(get("/api/v1/caps/" + cap).text("base_limit_usd"), "300");
}

TEST_F(RaisePageTest, WhatIsUnclearIsAskedAgain) {
  case_json = kCase;
  for (const char* form :
       {"amount=other&other_usd=", "amount=190&other_usd=300", "amount=190&until=date&until_date=",
        "amount=190&until=cycle_end&until_date=2026-12-24", "amount=other&other_usd=much",
        "amount=other&other_usd=100", "amount=190&until=nonsense", ""}) {
    const auto page = raise(form);
    EXPECT_EQ(page.status / 100, 4) << form;
    EXPECT_THAT(page.body, HasSubstr("role=\"alert\"")) << form;
    EXPECT_THAT(page.body, HasSubstr("name=\"token\"")) << form;
  }
  EXPECT_EQ(limit_of(cap), "150");
}

TEST_F(RaisePageTest, WithoutACaseThereIsTheFreeAmount) {
  case_json = R"({"pace":null,"forecast":null,"suggestions":[]})";
  const auto page = open(path, session);
  EXPECT_EQ(page.status, 200);
  EXPECT_THAT(page.body, AllOf(HasSubstr("name=\"other_usd\""), HasSubstr("required"),
                               Not(HasSubstr("Who consumed what"))));
  ASSERT_EQ(raise("amount=other&other_usd=200&until=cycle_end").status, 200);
  EXPECT_EQ(limit_of(cap), "200");
}

TEST_F(RaisePageTest, FinanceAndMembersAreToldToAsk) {
  ASSERT_EQ(patch("/api/v1/users/mia@example.com", R"({"role":"finance"})").status, 200);
  const auto page = open(path, session_of("mia@example.com"));
  EXPECT_EQ(page.status, 403);
  EXPECT_THAT(page.body, HasSubstr("/ask/" + cap));
}

}  // namespace
}  // namespace purser::pages
