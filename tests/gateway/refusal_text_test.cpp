#include "refusal_text.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace purser::gateway {
namespace {

using ledger::Account;
using ledger::Decision;
using ledger::ScopeKind;

constexpr Instant kStart{std::chrono::sys_days{std::chrono::year{2026} / 11 / 1}};
constexpr Instant kEnd{std::chrono::sys_days{std::chrono::year{2026} / 12 / 1}};

Nanos usd(std::int64_t whole) { return Nanos{whole * kNanosPerUsd}; }

Account account(ScopeKind kind, Nanos limit, Nanos spent, Nanos held) {
  Account made;
  made.cap.bytes[0] = static_cast<std::uint8_t>(kind) + 1;
  made.scope.kind = kind;
  made.cycle_start = kStart;
  made.cycle_end = kEnd;
  made.limit = limit;
  made.spent = spent;
  made.held = held;
  return made;
}

class RefusalText : public ::testing::Test {
 protected:
  RefusalText() {
    context.calendar = std::make_shared<const Calendar>(*Calendar::make({}));
    context.names.user = "Ines Okafor";
    context.names.team = "marketing";
    context.names.workspace = "Acme";
    context.ask_whom = "Ada Admin <ada@example.com>";
    auto price = std::make_shared<pricing::Price>();
    price->rates[pricing::TokenClass::input] = PicoUsd{3'000'000};
    price->rates[pricing::TokenClass::output] = PicoUsd{15'000'000};
    plan.price = price;
    plan.last_shape.input_tokens = 1000;
    plan.last_shape.output_tokens = 64'000;
  }

  providers::Refusal refuse(Decision decision, const std::vector<Account>& accounts,
                            std::uint8_t binding, std::uint32_t refusing) {
    ledger::Outcome outcome;
    outcome.decision = decision;
    outcome.binding = binding;
    outcome.refusing = refusing;
    outcome.amount = Nanos{18'360'000};
    return refusal_of(context, outcome, accounts, {}, plan);
  }

  static std::string detail(const providers::Refusal& refusal, std::string_view name) {
    const std::string& text = refusal.details.text();
    const std::string key = "\"" + std::string(name) + "\":";
    const std::size_t at = text.find(key);
    if (at == std::string::npos) return "(none)";
    const std::string_view rest = std::string_view(text).substr(at + key.size());
    // Strings without escapes, and lists of flat objects.
    return std::string(rest.substr(0, rest.find(rest[0] == '[' ? ']' : '"', 1) + 1));
  }

  RefusalContext context;
  Plan plan;
};

TEST_F(RefusalText, ItsFirst120CharactersSayWhoHowMuchAndWhen) {
  const auto refusal =
      refuse(Decision::paused, {account(ScopeKind::user, usd(25), usd(25), Nanos{0})}, 0, 1);
  const std::string start = refusal.message.substr(0, 120);
  EXPECT_NE(start.find("Ines Okafor"), std::string::npos);
  EXPECT_NE(start.find("USD 25.00"), std::string::npos);
  EXPECT_NE(start.find("Dec 1, 2026"), std::string::npos) << start;
  EXPECT_EQ(refusal.status, 402);
  EXPECT_EQ(refusal.code, "budget_exceeded");
  EXPECT_FALSE(refusal.should_retry);
  EXPECT_FALSE(refusal.retry_after_seconds);
}

TEST_F(RefusalText, NamesTheCapAndWhenItResets) {
  const auto refusal = refuse(Decision::does_not_fit,
                              {account(ScopeKind::workspace, usd(100), usd(1), Nanos{0}),
                               account(ScopeKind::team, usd(10), Nanos{9'990'000'000}, Nanos{0})},
                              1, 2);
  EXPECT_EQ(detail(refusal, "scope"), "\"team\"");
  EXPECT_EQ(detail(refusal, "name"), "\"marketing\"");
  EXPECT_EQ(detail(refusal, "limit_usd"), "\"10\"");
  EXPECT_EQ(detail(refusal, "spent_usd"), "\"9.99\"");
  EXPECT_EQ(detail(refusal, "needed_usd"), "\"0.01836\"");
  EXPECT_EQ(detail(refusal, "resets_at"), "\"2026-12-01T00:00:00Z\"");
  EXPECT_EQ(detail(refusal, "also_refused_by"), "[]");
  EXPECT_EQ(refusal.resets_at_epoch_seconds, 1'796'083'200);
}

TEST_F(RefusalText, SaysWhatWouldFit) {
  const auto refusal =
      refuse(Decision::does_not_fit,
             {account(ScopeKind::user, usd(25), Nanos{24'990'000'000}, Nanos{0})}, 0, 1);
  // One cent left: 3,000 nanos a token in for 1,000 tokens leave 7,000,000 for 466 tokens out.
  EXPECT_NE(refusal.message.find("at most 466 output tokens"), std::string::npos)
      << refusal.message;
}

TEST_F(RefusalText, LinksToThePageThatAsksAboutTheCapThatRefuses) {
  const Account spent = account(ScopeKind::user, usd(25), usd(25), Nanos{0});
  context.ask_page = "https://purser.example.com/ask";
  const std::string link = "https://purser.example.com/ask/" + to_text("cap", spent.cap);
  const auto own = refuse(Decision::paused, {spent}, 0, 1);
  EXPECT_EQ(detail(own, "ask_url"), "\"" + link + "\"");
  EXPECT_TRUE(own.message.ends_with(" for a raise: " + link)) << own.message;
  store::PauseView pause;
  pause.accounts.push_back(spent);
  EXPECT_EQ(detail(refusal_of(context, pause), "ask_url"), "\"" + link + "\"");
  EXPECT_EQ(detail(refuse(Decision::no_cap, {}, 0, 0), "ask_url"),
            "\"https://purser.example.com/ask\"");

  context.ask_url = "mailto:it@example.com";
  EXPECT_EQ(detail(refuse(Decision::paused, {spent}, 0, 1), "ask_url"),
            "\"mailto:it@example.com\"");
}

TEST_F(RefusalText, AmountsBelowACentAreNotRoundedUp) {
  const auto refusal =
      refuse(Decision::does_not_fit,
             {account(ScopeKind::user, Nanos{1'000'000}, Nanos{0}, Nanos{0})}, 0, 1);
  EXPECT_NE(refusal.message.find("has USD 0.001 left of the USD 0.001 month cap"),
            std::string::npos)
      << refusal.message;
  EXPECT_NE(refusal.message.find("can cost USD 0.01836"), std::string::npos);
}

// Who, how much, when: in the part that every client shows.
TEST_F(RefusalText, TheFirst120CharactersSayWhen) {
  const auto refusal =
      refuse(Decision::does_not_fit,
             {account(ScopeKind::user, Nanos{20'000'000}, Nanos{42'875}, Nanos{0})}, 0, 1);
  EXPECT_NE(refusal.message.substr(0, 120).find("Dec 1, 2026"), std::string::npos)
      << refusal.message;
}

TEST_F(RefusalText, OtherRequestsHoldsAreARetrySoon) {
  const auto refusal =
      refuse(Decision::holds_in_the_way, {account(ScopeKind::team, usd(10), usd(1), usd(9))}, 0, 1);
  EXPECT_EQ(refusal.status, 429);
  EXPECT_TRUE(refusal.should_retry);
  ASSERT_TRUE(refusal.retry_after_seconds);
  EXPECT_GE(*refusal.retry_after_seconds, 1);
  EXPECT_LE(*refusal.retry_after_seconds, 5);
}

TEST_F(RefusalText, ListsTheOtherCapsThatRefuse) {
  const auto refusal = refuse(Decision::paused,
                              {account(ScopeKind::team, usd(10), usd(10), Nanos{0}),
                               account(ScopeKind::user, usd(5), usd(5), Nanos{0})},
                              0, 3);
  EXPECT_NE(detail(refusal, "also_refused_by").find("\"scope\":\"user\""), std::string::npos);
}

TEST_F(RefusalText, AStoppedScopeSaysSoAndWhy) {
  store::PauseView pause;
  pause.stopped = true;
  pause.scope.kind = ScopeKind::team;
  pause.stop_reason = "runaway agent";
  const auto refusal = refusal_of(context, pause);
  EXPECT_EQ(refusal.code, "stopped");
  EXPECT_NE(refusal.message.find("Team marketing was stopped"), std::string::npos);
  EXPECT_NE(refusal.message.find("runaway agent"), std::string::npos);
}

TEST_F(RefusalText, WithoutACapTheCommandThatSetsOneIsNamed) {
  const auto refusal = refuse(Decision::no_cap, {}, 0, 0);
  EXPECT_EQ(refusal.code, "no_cap");
  EXPECT_NE(refusal.message.find("purser cap set"), std::string::npos);
}

}  // namespace
}  // namespace purser::gateway
