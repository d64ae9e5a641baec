// From what the ledger crossed to what people are sent, over a real store.
#include "dispatcher_test_support.h"

namespace purser::alerts {
namespace {

using store::kStart;
using store::usd;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;
using ::testing::UnorderedElementsAre;

TEST_F(DispatcherTest, TheUserTheLeadAndTheAdminsHearOfAThresholdOnce) {
  open_with_people();
  ASSERT_TRUE(set_cap(user_scope(), usd(100)));
  spend(usd(52));
  const std::string title = ": sam@example.com has spent 52 % of the USD 100.00 month cap";
  EXPECT_THAT(run(), UnorderedElementsAre("sam@example.com" + title, "lea@example.com" + title,
                                          "ada@example.com" + title));
  EXPECT_THAT(run(), IsEmpty());
  EXPECT_EQ(integer("SELECT COUNT(*) FROM inbox"), 3);
  EXPECT_EQ(deliveries(DeliveryState::sent), 3);
}

TEST_F(DispatcherTest, OneSettleThatCrossesSeveralIsOneMessageAndSeveralRecords) {
  open_with_people();
  ASSERT_TRUE(set_cap(user_scope(), usd(100)));
  spend(usd(100));
  const auto titles = run();
  ASSERT_THAT(titles, SizeIs(3));
  EXPECT_THAT(titles[0], HasSubstr("is paused: the USD 100.00 month cap is spent"));
  EXPECT_THAT(sent[0].message.data, HasSubstr("\"crossed_percents\":[100,80,50]"));
  EXPECT_EQ(integer("SELECT COUNT(*) FROM outbox WHERE kind = 0"), 3);
}

TEST_F(DispatcherTest, FromEightyPercentOnOneClickLeadsToTheRaise) {
  open_with_people();
  const auto cap = set_cap(user_scope(), usd(100));
  spend(usd(52));
  ASSERT_THAT(run(), SizeIs(3));
  EXPECT_THAT(sent[0].message.links, IsEmpty());
  spend(usd(30));
  ASSERT_THAT(run(), SizeIs(3));
  // Each gets the one that is of use: who may grant it raises, the others ask.
  const std::string raise = "https://purser.example.com/raise/" + to_text("cap", *cap);
  const std::string ask = "https://purser.example.com/ask/" + to_text("cap", *cap);
  const auto expect_links = [&] {
    for (const Sent& each : sent) {
      ASSERT_THAT(each.message.links, SizeIs(1)) << each.address;
      EXPECT_EQ(each.message.links[0].url, each.address == "ada@example.com" ? raise : ask);
      EXPECT_THAT(each.message.data, HasSubstr(raise));
    }
  };
  expect_links();
  spend(usd(18));
  ASSERT_THAT(run(), SizeIs(3));
  expect_links();
}

TEST_F(DispatcherTest, ATeamsAlertCarriesWhoConsumedWhatAsOfTheCrossing) {
  open_with_people();
  ASSERT_TRUE(set_cap(team_scope(), usd(100)));
  ASSERT_TRUE(set_cap(user_scope(), usd(1000)));
  spend(usd(85));
  spend(usd(7));  // after the crossing: not in what is said of it
  const auto titles = run();
  ASSERT_THAT(titles,
              UnorderedElementsAre(HasSubstr("lea@example.com: Team Engineering has spent 85 %"),
                                   HasSubstr("ada@example.com: Team Engineering has spent 85 %")));
  const auto& breakdowns = sent[0].message.breakdowns;
  ASSERT_THAT(breakdowns, SizeIs(3));
  EXPECT_EQ(breakdowns[0].title, "By user");
  ASSERT_THAT(breakdowns[0].parts, SizeIs(1));
  EXPECT_EQ(breakdowns[0].parts[0].amount, "USD 85.00");
  EXPECT_EQ(breakdowns[2].parts[0].name, "openai/gpt-5");
}

TEST_F(DispatcherTest, ARaiseTellsPeopleOnceAndMachinesThatThePauseIsOver) {
  open_with_people();
  make_dispatcher({email("mail"), webhook("hook")});
  const auto cap = set_cap(user_scope(), usd(100));
  spend(usd(100));
  run();
  EXPECT_EQ(dispatcher->deliver_once("hook"), 1u);
  const std::string key = sent.back().message.pause_key;
  EXPECT_THAT(key, HasSubstr(to_text("cap", *cap)));
  ASSERT_TRUE(change_caps(ledger::Raise{*cap, usd(200), kStart + std::chrono::hours(2)}));
  const auto titles = run();
  ASSERT_THAT(titles, SizeIs(3));
  EXPECT_THAT(titles[0], HasSubstr("was raised from USD 100.00 to USD 200.00"));
  EXPECT_EQ(sent[0].message.paragraphs[0], "AI requests under this cap pass again.");
  sent.clear();
  EXPECT_EQ(dispatcher->deliver_once("hook"), 2u);
  EXPECT_THAT((std::vector<std::string>{sent[0].message.type, sent[1].message.type}),
              UnorderedElementsAre("cap.limit_changed", "cap.pause_ended"));
  const bool first = sent[0].message.pause_ended;
  EXPECT_TRUE(sent[first ? 0 : 1].message.pause_ended);
  EXPECT_EQ(sent[first ? 0 : 1].message.pause_key, key);
}

TEST_F(DispatcherTest, AnIncidentThatIsOverIsNotOpenedByALateTry) {
  open_with_people();
  make_dispatcher({pagerduty("pager")});
  const auto cap = set_cap(user_scope(), usd(100));
  spend(usd(100));
  answer = {false, true, "500", {}};
  run("pager");
  ASSERT_THAT(sent, SizeIs(1));
  answer = {true, false, {}, {}};
  ASSERT_TRUE(change_caps(ledger::Raise{*cap, usd(200), kStart + std::chrono::hours(2)}));
  run("pager");
  ASSERT_THAT(sent, SizeIs(1));
  EXPECT_TRUE(sent[0].message.pause_ended);
  env.advance(std::chrono::hours(1));
  run("pager");
  EXPECT_THAT(sent, IsEmpty());
  EXPECT_EQ(deliveries(DeliveryState::waiting), 0);
}

TEST_F(DispatcherTest, AnIncidentThatIsOpenAnewIsNotClosedByALateTry) {
  open_with_people();
  make_dispatcher({pagerduty("pager")});
  const auto cap = set_cap(user_scope(), usd(100));
  spend(usd(100));
  run("pager");
  answer = {false, true, "500", {}};
  ASSERT_TRUE(change_caps(ledger::Raise{*cap, usd(200), kStart + std::chrono::hours(2)}));
  run("pager");
  answer = {true, false, {}, {}};
  spend(usd(100));
  run("pager");
  ASSERT_THAT(sent, SizeIs(1));
  EXPECT_FALSE(sent[0].message.pause_ended);
  env.advance(std::chrono::hours(1));
  run("pager");
  EXPECT_THAT(sent, IsEmpty());
}

TEST_F(DispatcherTest, WhatHappenedFirstLeavesFirst) {
  open_with_people();
  make_dispatcher({webhook("hook")});
  const auto cap = set_cap(user_scope(), usd(10));
  for (int turn = 1; turn <= 10; ++turn) {
    spend(usd(10));
    ASSERT_TRUE(
        change_caps(ledger::Raise{*cap, usd(10 * turn + 10), kStart + std::chrono::hours(2)}));
  }
  run("hook");
  int pauses = 0;
  for (const Sent& each : sent) {
    if (each.message.pause_key.empty()) continue;
    EXPECT_EQ(each.message.pause_ended, pauses++ % 2 == 1);
  }
  EXPECT_EQ(pauses, 20);
}

TEST_F(DispatcherTest, ARaiseWhoseTimeIsOverIsToldThoughNothingTouchesTheCap) {
  open_with_people();
  const auto cap = set_cap(user_scope(), usd(10));
  ASSERT_TRUE(change_caps(ledger::Raise{*cap, usd(20), kStart + std::chrono::hours(2)}));
  spend(usd(10));
  run();
  env.advance(std::chrono::hours(2) - Duration{1});
  EXPECT_THAT(run(), IsEmpty());
  env.advance(Duration{1});
  const auto titles = run();
  ASSERT_THAT(titles, SizeIs(3));
  EXPECT_THAT(titles, Contains("sam@example.com: sam@example.com is paused: the USD 10.00 month "
                               "cap is spent"));
  EXPECT_EQ(sent[0].message.paragraphs[0],
            "The month cap of sam@example.com was lowered from USD 20.00 to USD 10.00.");
  EXPECT_EQ(integer("SELECT COUNT(*) FROM audit WHERE action = 'cap.end_raise'"), 1);
  EXPECT_THAT(run(), IsEmpty());
  expect_clean();
}

TEST_F(DispatcherTest, AMoveOfLimitSaysWhereToAndWhereFrom) {
  open_with_people();
  make_dispatcher({email("mail"), webhook("hook")});
  const auto from = set_cap(user_scope(), usd(100)), to = set_cap(team_scope(), usd(50));
  ASSERT_TRUE(change_caps(ledger::Reallocate{*from, *to, usd(20), {}}));
  run();
  ASSERT_THAT(sent, SizeIs(5));  // the user, the lead and the admin; the lead and the admin
  for (const Sent& each : sent) {
    const bool is_giver = each.message.title.find("lowered") != std::string::npos;
    EXPECT_EQ(
        each.message.paragraphs[0],
        is_giver ? "Limit was moved between two caps: The month cap of team Engineering was raised "
                   "from USD 50.00 to USD 70.00."
                 : "Limit was moved between two caps: The month cap of sam@example.com was lowered "
                   "from USD 100.00 to USD 80.00.");
  }
}

TEST_F(DispatcherTest, ANewCycleEndsAPauseOnce) {
  open_with_people();
  ASSERT_TRUE(set_cap(user_scope(), usd(10), Period::day));
  ASSERT_TRUE(set_cap(user_scope(), usd(1000)));
  spend(usd(10));
  run();
  env.advance(std::chrono::hours(24));
  const auto titles = run();
  ASSERT_THAT(titles, SizeIs(3));
  EXPECT_THAT(titles[0], HasSubstr("may make AI requests again"));
  EXPECT_THAT(run(), IsEmpty());
}

// USD 8 a day from the month's first day on, of 100: it runs out on the 13th.
class EarlyPaceTest : public DispatcherTest {
 protected:
  void SetUp() override {
    open_with_people();
    env.advance(Instant{std::chrono::sys_days{std::chrono::year{2026} / 12 / 1}} - env.utc_now() +
                std::chrono::hours(9));
    ASSERT_TRUE(set_cap(user_scope(), usd(100)));
    set_early(true);
  }
  void set_early(bool on) {
    ASSERT_TRUE(store->change([&](store::Change& change) -> Result<void> {
      change.sql().run(
          "INSERT INTO settings (workspace, name, value) VALUES (?1, 'early_pace_alerts', ?2) ON "
          "CONFLICT DO UPDATE SET value = ?2",
          {change.workspace(), on ? "true" : "false"});
      return {};
    }));
  }
  void spend_daily(int days, Nanos cost) {
    for (int i = 0; i < days; ++i) {
      spend(cost);
      env.advance(std::chrono::hours(24));
    }
  }
  // Titles of those mails that say it.
  std::vector<std::string> early() {
    std::vector<std::string> found;
    for (const std::string& title : run())
      if (title.find("before the month ends") != std::string::npos) found.push_back(title);
    return found;
  }
};

TEST_F(EarlyPaceTest, IsToldOnceToThoseWhomItConcerns) {
  spend_daily(2, usd(8));
  EXPECT_THAT(early(), IsEmpty()) << "16 % is too little to say";
  spend_daily(3, usd(8));
  const std::string title =
      ": sam@example.com will have spent the USD 100.00 month cap before the "
      "month ends";
  EXPECT_THAT(early(), UnorderedElementsAre("sam@example.com" + title, "lea@example.com" + title,
                                            "ada@example.com" + title));
  const auto& message = sent.back().message;
  EXPECT_EQ(message.type, "cap.runs_out_early");
  EXPECT_THAT(message.paragraphs[1], HasSubstr("runs out on Sun 13 December"));
  EXPECT_THAT(message.data, HasSubstr("\"runs_out_at\":\"2026-12-13T"));
  EXPECT_THAT(message.links, SizeIs(1));
  spend_daily(1, usd(8));
  EXPECT_THAT(early(), IsEmpty());
  make_dispatcher({email("mail")});  // as after a restart
  EXPECT_THAT(early(), IsEmpty());
}

TEST_F(EarlyPaceTest, ARaiseThatIsNotEnoughIsToldAnew) {
  spend_daily(4, usd(8));
  ASSERT_THAT(early(), SizeIs(3));
  ASSERT_TRUE(set_cap(user_scope(), usd(150)));
  spend_daily(1, usd(8));
  EXPECT_THAT(early(), SizeIs(3));
  ASSERT_TRUE(set_cap(user_scope(), usd(900)));
  spend_daily(1, usd(8));
  EXPECT_THAT(early(), IsEmpty());
}

TEST_F(EarlyPaceTest, IsOffWhereNobodyTurnedItOn) {
  set_early(false);
  spend_daily(5, usd(8));
  EXPECT_THAT(early(), IsEmpty());
}

TEST_F(EarlyPaceTest, IsSilentWhereItLastsNearlyToTheEnd) {
  spend_daily(10, store::cents(350));  // spent on the 29th of 31 days: less than a tenth too early
  EXPECT_THAT(early(), IsEmpty());
}

TEST_F(EarlyPaceTest, IsSilentWhereItLastsToTheEndOrIsNearlySpentAnyway) {
  spend_daily(12, usd(2));
  EXPECT_THAT(early(), IsEmpty());
  spend(usd(72));  // 96 %: the threshold's alert has said it
  EXPECT_THAT(early(), IsEmpty());
}

TEST_F(DispatcherTest, ATasksCapHasNoCycleToSpeakOf) {
  open_with_people();
  who.task_name = "ticket-1";
  who.task = store::task_id(who.user, who.task_name);
  ASSERT_TRUE(set_cap({ledger::ScopeKind::task, who.task}, usd(10), Period::none));
  ASSERT_TRUE(set_cap(user_scope(), usd(1000)));
  spend(usd(10));
  ASSERT_THAT(run(), SizeIs(3));
  EXPECT_THAT(sent[0].message.title, HasSubstr("is paused: the USD 10.00 cap is spent"));
  EXPECT_THAT(sent[0].message.paragraphs[0], HasSubstr("does not reset by itself"));
  EXPECT_THAT(sent[0].message.data, Not(HasSubstr("cycle")));
}

TEST_F(DispatcherTest, AReceiverThatIsDownIsTriedAgainForADayThenGivenUpVisibly) {
  open_with_people();
  ASSERT_TRUE(set_cap(user_scope(), usd(1000)));
  spend(usd(500));
  answer = {false, true, "the server is away", {}};
  ASSERT_THAT(run(), SizeIs(3));
  EXPECT_EQ(deliveries(DeliveryState::waiting), 3);
  EXPECT_THAT(run(), IsEmpty());  // not before its time
  int tries = 1;
  Id id = sent.empty() ? Id{} : sent[0].message.id;
  for (int hour = 0; hour < 30; ++hour) {
    env.advance(std::chrono::hours(1) + std::chrono::minutes(13));
    tries += run().empty() ? 0 : 1;
    for (const Sent& each : sent) {
      if (id.is_zero()) id = each.message.id;
      EXPECT_EQ(each.message.id, id);
    }
  }
  EXPECT_GT(tries, 10);
  EXPECT_EQ(deliveries(DeliveryState::failed), 3);
  EXPECT_EQ(integer("SELECT COUNT(*) FROM deliveries WHERE last_error = 'the server is away'"), 3);
}

TEST_F(DispatcherTest, WhatCannotBeMendedFailsAtOnce) {
  open_with_people();
  ASSERT_TRUE(set_cap(user_scope(), usd(100)));
  spend(usd(52));
  answer = {false, false, "no such mailbox", {}};
  run();
  EXPECT_EQ(deliveries(DeliveryState::failed), 3);
}

TEST_F(DispatcherTest, AfterARestartItGoesOnWithTheSameId) {
  open_with_people();
  ASSERT_TRUE(set_cap(user_scope(), usd(100)));
  spend(usd(52));
  dispatcher->plan_once();
  // Sent, but the process died before that was written: it is sent again, with the same id.
  dispatcher.reset();
  reopen();
  make_dispatcher({email("mail")});
  run();
  ASSERT_THAT(sent, SizeIs(3));
  Id crossed;
  store->read([&](store::Sql& sql) {
    sql.each("SELECT id FROM outbox WHERE percent = 50", {},
             [&](const store::Row& row) { crossed = row.id(0); });
  });
  EXPECT_EQ(sent[0].message.id, crossed);
  expect_clean();
}

TEST_F(DispatcherTest, AChannelOfATeamHearsOfThatTeamAlone) {
  open_with_people();
  ChannelConfig theirs = webhook("theirs"), others = webhook("others");
  theirs.teams = {"engineering"};
  others.teams = {"Marketing"};
  make_dispatcher({theirs, others});
  ASSERT_TRUE(set_cap(team_scope(), usd(100)));
  ASSERT_TRUE(set_cap(user_scope(), usd(1000)));
  spend(usd(52));
  dispatcher->plan_once();
  EXPECT_EQ(dispatcher->deliver_once("theirs"), 1u);
  EXPECT_EQ(dispatcher->deliver_once("others"), 0u);
}

TEST_F(DispatcherTest, AChannelOfOneAddressWritesToNobodyElse) {
  open_with_people();
  ChannelConfig auditor = email("auditor");
  auditor.events = {"audit.head"};
  auditor.to = "auditor@example.org";
  make_dispatcher({auditor});
  ASSERT_TRUE(set_cap(user_scope(), usd(100)));
  spend(usd(52));
  EXPECT_THAT(run("auditor"), IsEmpty());
  env.advance(std::chrono::hours(24));
  EXPECT_THAT(run("auditor"), ElementsAre(HasSubstr("auditor@example.org: The head")));
}

TEST_F(DispatcherTest, TheDailyHeadOfTheAuditTrailGoesWhereItIsAskedFor) {
  open_with_people();
  ChannelConfig asked = webhook("asked");
  asked.events = {"audit.head"};
  make_dispatcher({asked, webhook("all")});
  env.advance(std::chrono::hours(24));
  dispatcher->plan_once();
  EXPECT_EQ(dispatcher->deliver_once("asked"), 1u);
  EXPECT_THAT(sent.back().message.facts[0].value, SizeIs(64));
  EXPECT_EQ(dispatcher->deliver_once("all"), 0u);
}

}  // namespace
}  // namespace purser::alerts
