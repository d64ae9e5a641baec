// A pause ends by itself where its cycle does: at local midnight, to the nanosecond, also on the
// days on which the clock is set. The instants stand here as they are in UTC; no code made them.
#include "dispatcher_test_support.h"

namespace purser::alerts {
namespace {

using store::usd;
using ::testing::Contains;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr Instant at(int year, unsigned month, unsigned day, int hour, int minute) {
  return Instant{std::chrono::sys_days{std::chrono::year{year} / static_cast<int>(month) /
                                       static_cast<int>(day)} +
                 std::chrono::hours(hour) + std::chrono::minutes(minute)};
}

// Two edges in a row, and what the alerts before each say of it.
struct Turn {
  const char* zone;
  const char* what;
  Period period;
  Instant first, second;
  const char* first_text;
  const char* second_text;
};

void PrintTo(const Turn& turn, std::ostream* out) { *out << turn.zone << ", " << turn.what; }

const Turn kTurns[] = {
    {"Asia/Kolkata", "five hours and a half ahead", Period::day, at(2026, 11, 30, 18, 30),
     at(2026, 12, 1, 18, 30), "Dec 1, 2026 00:00 (Asia/Kolkata)",
     "Dec 2, 2026 00:00 (Asia/Kolkata)"},
    {"Pacific/Apia", "months, half a day ahead", Period::month, at(2026, 11, 30, 11, 0),
     at(2026, 12, 31, 11, 0), "Dec 1, 2026 00:00 (Pacific/Apia)",
     "Jan 1, 2027 00:00 (Pacific/Apia)"},
    {"America/New_York", "a day of 23 hours", Period::day, at(2027, 3, 14, 5, 0),
     at(2027, 3, 15, 4, 0), "Mar 14, 2027 00:00 (America/New_York)",
     "Mar 15, 2027 00:00 (America/New_York)"},
    {"America/New_York", "a day of 25 hours", Period::day, at(2027, 11, 7, 4, 0),
     at(2027, 11, 8, 5, 0), "Nov 7, 2027 00:00 (America/New_York)",
     "Nov 8, 2027 00:00 (America/New_York)"},
    {"America/Santiago", "a day that begins at one, since midnight is skipped", Period::day,
     at(2027, 9, 5, 4, 0), at(2027, 9, 6, 3, 0), "Sep 5, 2027 01:00 (America/Santiago)",
     "Sep 6, 2027 00:00 (America/Santiago)"},
    {"America/Havana", "a day with two midnights, which begins at the first", Period::day,
     at(2027, 11, 7, 4, 0), at(2027, 11, 8, 5, 0), "Nov 7, 2027 00:00 (America/Havana)",
     "Nov 8, 2027 00:00 (America/Havana)"},
    {"Australia/Lord_Howe", "the clock is set by half an hour", Period::day, at(2027, 4, 3, 13, 0),
     at(2027, 4, 4, 13, 30), "Apr 4, 2027 00:00 (Australia/Lord_Howe)",
     "Apr 5, 2027 00:00 (Australia/Lord_Howe)"},
    {"Pacific/Chatham", "an offset of three quarters of an hour", Period::day,
     at(2027, 4, 3, 10, 15), at(2027, 4, 4, 11, 15), "Apr 4, 2027 00:00 (Pacific/Chatham)",
     "Apr 5, 2027 00:00 (Pacific/Chatham)"},
};

class CycleTurn : public DispatcherTest, public ::testing::WithParamInterface<Turn> {
 protected:
  void open_in_zone() {
    env.advance(GetParam().first - std::chrono::hours(1) - env.utc_now());
    open_with_people();
    ASSERT_TRUE(store->change([&](store::Change& change) -> Result<void> {
      change.sql().run("UPDATE workspaces SET zone = ?1", {GetParam().zone});
      change.reload_settings();
      return {};
    }));
    ASSERT_TRUE(set_cap(user_scope(), usd(10), GetParam().period));
    run();
  }
  // Spent in full: those concerned are told, with when it resets.
  void expect_paused_until(const char* text) {
    const auto titles = run();
    ASSERT_THAT(titles, SizeIs(3));
    EXPECT_THAT(titles, Contains("sam@example.com: sam@example.com is paused: the USD 10.00 " +
                                 std::string(name(GetParam().period)) + " cap is spent"));
    EXPECT_THAT(labels(sent[0].message), Contains(std::string("Resets: ") + text));
  }
  static std::vector<std::string> labels(const Message& message) {
    std::vector<std::string> found;
    for (const Fact& fact : message.facts) found.push_back(fact.label + ": " + fact.value);
    return found;
  }
  void expect_refused_until(Instant edge) {
    env.advance(edge - Duration{1} - env.utc_now());
    EXPECT_EQ(reserve(usd(1)).outcome.decision, ledger::Decision::paused);
    EXPECT_THAT(run(), IsEmpty());
    env.advance(Duration{1});
  }
  void expect_granted_and_told_once() {
    spend(usd(1));  // before anybody was told: the very next request
    const auto titles = run();
    ASSERT_THAT(titles, SizeIs(3));
    EXPECT_THAT(titles, Contains("sam@example.com: sam@example.com may make AI requests again"));
    EXPECT_THAT(run(), IsEmpty());
  }
};

TEST_P(CycleTurn, RefusesUntilItAndGrantsAtIt) {
  open_in_zone();
  spend(usd(10));
  expect_paused_until(GetParam().first_text);
  expect_refused_until(GetParam().first);
  expect_granted_and_told_once();
  spend(usd(9));  // the thresholds of the new cycle
  expect_paused_until(GetParam().second_text);
  expect_refused_until(GetParam().second);
  expect_granted_and_told_once();
  expect_clean();
}

INSTANTIATE_TEST_SUITE_P(Zones, CycleTurn, ::testing::ValuesIn(kTurns));

}  // namespace
}  // namespace purser::alerts
