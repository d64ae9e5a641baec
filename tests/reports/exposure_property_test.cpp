// The figure against spenders that know nothing of flows.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <array>
#include <limits>
#include <map>
#include <random>
#include <set>
#include <vector>

#include "exposure_test_support.h"

namespace purser::reports {
namespace {

using Amounts = std::vector<std::int64_t>;
constexpr std::int64_t kNone = std::numeric_limits<std::int64_t>::max();
const Cycle kDecember{utc(2026, 12, 1), utc(2027, 1, 1)};

// An organisation whose caps are all monthly: limits and what each membership spent and holds.
struct Organisation {
  std::int64_t workspace_limit = kNone;
  Amounts team_limits, user_limits;
  struct Member {
    std::size_t user, team;
    std::int64_t limit = kNone, spent = 0, held = 0;
    bool ended = false;
  };
  std::vector<Member> members;

  // The limits that a membership's spending is under, and who else spends under each.
  struct Limit {
    std::int64_t limit;
    std::vector<std::size_t> members;
  };
  std::vector<Limit> limits() const {
    std::vector<Limit> result;
    const auto add = [&](std::int64_t limit, auto&& includes) {
      if (limit == kNone) return;
      result.push_back({limit, {}});
      for (std::size_t at = 0; at < members.size(); ++at) {
        if (includes(members[at], at)) result.back().members.push_back(at);
      }
    };
    add(workspace_limit, [](const Member&, std::size_t) { return true; });
    for (std::size_t team = 0; team < team_limits.size(); ++team) {
      add(team_limits[team], [&](const Member& m, std::size_t) { return m.team == team; });
    }
    for (std::size_t user = 0; user < user_limits.size(); ++user) {
      add(user_limits[user], [&](const Member& m, std::size_t) { return m.user == user; });
    }
    for (std::size_t own = 0; own < members.size(); ++own) {
      add(members[own].limit, [&](const Member&, std::size_t at) { return at == own; });
    }
    return result;
  }

  bool fits(const Amounts& amounts) const {
    for (const Limit& limit : limits()) {
      std::int64_t sum = 0;
      for (std::size_t at : limit.members) sum += amounts[at];
      if (sum > limit.limit) return false;
    }
    return true;
  }
};

std::int64_t some_limit(std::int64_t most) {
  return *rc::gen::weightedOneOf<std::int64_t>(
      {{1, rc::gen::just(kNone)}, {3, rc::gen::inRange<std::int64_t>(0, most + 1)}});
}

// What was spent and held so far fits all limits, as the ledger would have had it.
Organisation some_organisation(std::size_t most_teams, std::size_t most_users,
                               std::size_t most_members, std::int64_t most_limit) {
  Organisation made;
  made.workspace_limit = some_limit(most_limit * 3);
  made.team_limits.resize(*rc::gen::inRange<std::size_t>(1, most_teams + 1));
  made.user_limits.resize(*rc::gen::inRange<std::size_t>(1, most_users + 1));
  for (auto& limit : made.team_limits) limit = some_limit(most_limit * 2);
  for (auto& limit : made.user_limits) limit = some_limit(most_limit);
  const auto count = *rc::gen::inRange<std::size_t>(1, most_members + 1);
  for (std::size_t at = 0; at < count; ++at) {
    made.members.push_back({*rc::gen::inRange<std::size_t>(0, made.user_limits.size()),
                            *rc::gen::inRange<std::size_t>(0, made.team_limits.size()),
                            some_limit(most_limit * 2)});
  }
  Amounts used(count, 0);
  for (std::size_t at = 0; at < count; ++at) {
    used[at] = *rc::gen::inRange<std::int64_t>(0, most_limit / 2 + 1);
    while (!made.fits(used)) used[at] /= 2;  // 0 fits, or an earlier one would not have
    made.members[at].held = *rc::gen::inRange<std::int64_t>(0, used[at] + 1);
    made.members[at].spent = used[at] - made.members[at].held;
    made.members[at].ended = *rc::gen::inRange(0, 5) == 0;
  }
  return made;
}

ExposureInput input_of(const Organisation& organisation) {
  const auto caps = [&](std::int64_t limit, auto&& includes) {
    Nanos spent, held;
    for (std::size_t at = 0; at < organisation.members.size(); ++at) {
      if (!includes(organisation.members[at], at)) continue;
      spent += Nanos{organisation.members[at].spent};
      held += Nanos{organisation.members[at].held};
    }
    std::vector<ExposureCap> result;
    if (limit != kNone) {
      result.push_back(cap_in_use(Period::month, Nanos{limit}, kDecember, spent, held));
    }
    return result;
  };
  using Member = Organisation::Member;
  ExposureInput input;
  input.workspace = {
      "all", caps(organisation.workspace_limit, [](const Member&, std::size_t) { return true; })};
  for (std::size_t team = 0; team < organisation.team_limits.size(); ++team) {
    input.teams.push_back(
        {"team", caps(organisation.team_limits[team],
                      [&](const Member& m, std::size_t) { return m.team == team; })});
  }
  for (std::size_t user = 0; user < organisation.user_limits.size(); ++user) {
    input.users.push_back(
        {"user", caps(organisation.user_limits[user],
                      [&](const Member& m, std::size_t) { return m.user == user; })});
  }
  for (std::size_t own = 0; own < organisation.members.size(); ++own) {
    const Member& m = organisation.members[own];
    ExposureMembership membership = member(m.user, m.team);
    membership.hard_caps = caps(m.limit, [&](const Member&, std::size_t at) { return at == own; });
    membership.spent = Nanos{m.spent};
    membership.held = Nanos{m.held};
    membership.ended = m.ended;
    input.memberships.push_back(membership);
  }
  return input;
}

// An unbounded membership spends what it holds, for the figure leaves out what more it might.
std::vector<bool> spends_no_more(const Organisation& organisation) {
  std::vector<bool> result;
  for (std::size_t at = 0; at < organisation.members.size(); ++at) {
    const auto& m = organisation.members[at];
    const bool unbounded = organisation.workspace_limit == kNone && m.limit == kNone &&
                           organisation.team_limits[m.team] == kNone &&
                           organisation.user_limits[m.user] == kNone;
    result.push_back(m.ended || unbounded);
  }
  return result;
}

// Tries every way to bill the open holds and then to spend on, a nano at a time.
class ExhaustiveSpender {
 public:
  explicit ExhaustiveSpender(const Organisation& organisation)
      : organisation_(organisation), no_more_(spends_no_more(organisation)) {}

  std::int64_t most() {
    Amounts spent;
    for (const auto& m : organisation_.members) spent.push_back(m.spent);
    bill_holds(spent, 0);
    return most_;
  }

 private:
  void bill_holds(Amounts spent, std::size_t at) {
    if (at == spent.size()) return spend_on(spent);
    for (std::int64_t billed = 0; billed <= organisation_.members[at].held; ++billed) {
      bill_holds(spent, at + 1);
      ++spent[at];
    }
  }

  void spend_on(Amounts spent) {
    if (!seen_.insert(spent).second) return;
    std::int64_t total = 0;
    for (std::int64_t amount : spent) total += amount;
    most_ = std::max(most_, total);
    for (std::size_t at = 0; at < spent.size(); ++at) {
      if (no_more_[at]) continue;
      ++spent[at];
      if (organisation_.fits(spent)) spend_on(spent);
      --spent[at];
    }
  }

  const Organisation& organisation_;
  std::vector<bool> no_more_;
  std::set<Amounts> seen_;
  std::int64_t most_ = 0;
};

RC_GTEST_PROP(ExposureProperty, MonthlyCapsReachTheFigureToTheNanoAndNeverPassIt, ()) {
  const Organisation organisation = some_organisation(3, 3, 4, 3);
  const Exposure exposure = exposure_of(input_of(organisation));
  RC_ASSERT(exposure.exact);
  RC_ASSERT(exposure.figure.count() == ExhaustiveSpender(organisation).most());
}

// Augmenting paths over a matrix: slow, plain, and none of the code under test.
std::int64_t plain_maximum_flow(std::vector<Amounts> room, std::size_t source, std::size_t sink) {
  std::int64_t total = 0;
  while (true) {
    std::vector<std::size_t> from(room.size(), room.size());
    std::vector<std::size_t> open{source};
    from[source] = source;
    for (std::size_t next = 0; next < open.size(); ++next) {
      for (std::size_t to = 0; to < room.size(); ++to) {
        if (from[to] != room.size() || room[open[next]][to] <= 0) continue;
        from[to] = open[next];
        open.push_back(to);
      }
    }
    if (from[sink] == room.size()) return total;
    std::int64_t amount = kNone;
    for (std::size_t at = sink; at != source; at = from[at]) {
      amount = std::min(amount, room[from[at]][at]);
    }
    for (std::size_t at = sink; at != source; at = from[at]) {
      room[from[at]][at] -= amount;
      room[at][from[at]] += amount;
    }
    total += amount;
  }
}

RC_GTEST_PROP(ExposureProperty, LargeAmountsAgreeWithPlainAugmentingPaths, ()) {
  const Organisation made = some_organisation(6, 12, 24, 5'000'000'000'007);
  const auto teams = made.team_limits.size(), users = made.user_limits.size();
  constexpr std::int64_t kWide = 1'000'000'000'000'000'000;
  // Source, sink, workspace's two sides, teams' two, users' two, memberships' two.
  const std::size_t first_team = 4, first_user = first_team + 2 * teams;
  const std::size_t first_member = first_user + 2 * users;
  const std::size_t nodes = first_member + 2 * made.members.size();
  std::vector<Amounts> room(nodes, Amounts(nodes, 0));
  std::int64_t spent_in_all = 0;
  Amounts team_spent(teams, 0), user_spent(users, 0);
  const std::vector<bool> no_more = spends_no_more(made);
  for (std::size_t at = 0; at < made.members.size(); ++at) {
    const auto& m = made.members[at];
    spent_in_all += m.spent;
    team_spent[m.team] += m.spent;
    user_spent[m.user] += m.spent;
    const std::size_t in = first_member + 2 * at, out = in + 1;
    room[first_team + 2 * m.team + 1][in] = kWide;
    room[in][out] = no_more[at] ? m.held : m.limit == kNone ? kWide : m.limit - m.spent;
    room[out][first_user + 2 * m.user] = kWide;
  }
  const auto left = [](std::int64_t limit, std::int64_t spent) {
    return limit == kNone ? kWide : limit - spent;
  };
  room[0][2] = kWide;
  room[2][3] = left(made.workspace_limit, spent_in_all);
  for (std::size_t team = 0; team < teams; ++team) {
    room[3][first_team + 2 * team] = kWide;
    room[first_team + 2 * team][first_team + 2 * team + 1] =
        left(made.team_limits[team], team_spent[team]);
  }
  for (std::size_t user = 0; user < users; ++user) {
    room[first_user + 2 * user][first_user + 2 * user + 1] =
        left(made.user_limits[user], user_spent[user]);
    room[first_user + 2 * user + 1][1] = kWide;
  }
  const Exposure exposure = exposure_of(input_of(made));
  RC_ASSERT(exposure.figure.count() == spent_in_all + plain_maximum_flow(room, 0, 1));
}

// A scope with caps of any period, some made later than others, and what it has spent in each
// cycle, as the books have it.
struct CountedScope {
  std::vector<ExposureCap> caps;
  std::map<std::pair<std::size_t, Instant>, Nanos> spent;  // by cap and start of cycle

  Nanos room(const Calendar& calendar, Instant now) const {
    Nanos least{1'000'000};
    for (std::size_t at = 0; at < caps.size(); ++at) {
      if (caps[at].made_at > now) continue;
      const auto found = spent.find({at, calendar.cycle_containing(caps[at].period, now).start});
      least = std::min(least, caps[at].limit - (found == spent.end() ? Nanos{} : found->second));
    }
    return std::max(least, Nanos{});
  }
  void spend(const Calendar& calendar, Instant now, Nanos amount) {
    for (std::size_t at = 0; at < caps.size(); ++at) {
      spent[{at, calendar.cycle_containing(caps[at].period, now).start}] += amount;
    }
  }
  // The caps that there are now with their rows, as the store would hand them over.
  std::vector<ExposureCap> as_stored(const Calendar& calendar, const Cycle& month,
                                     Instant now) const {
    std::vector<ExposureCap> stored;
    for (std::size_t at = 0; at < caps.size(); ++at) {
      if (caps[at].made_at > now) continue;
      stored.push_back(caps[at]);
      for (const auto& [key, amount] : spent) {
        const Cycle cycle = calendar.cycle_containing(caps[at].period, key.second);
        if (key.first != at || cycle.end <= caps[at].made_at) continue;
        if (cycle.end <= month.start || cycle.start >= month.end) continue;
        stored.back().cycles.push_back({cycle, caps[at].limit, amount, Nanos{}});
      }
    }
    return stored;
  }
};

// RapidCheck draws the seed alone: a draw of its own for each of a month's requests is slow, and
// its early cases would all be tiny.
class Dice {
 public:
  explicit Dice(std::uint64_t seed) : engine_(seed) {}
  std::int64_t up_to(std::int64_t most) {
    return std::uniform_int_distribution<std::int64_t>{0, most}(engine_);
  }
  bool one_in(std::int64_t chances) { return up_to(chances - 1) == 0; }

 private:
  std::mt19937_64 engine_;
};

std::vector<ExposureCap> some_caps(Dice& dice, const Cycle& month) {
  std::vector<ExposureCap> caps;
  const std::int64_t scale[] = {5, 20, 60, 150, 400};
  for (std::size_t period = 0; period < 5; ++period) {
    if (!dice.one_in(3)) continue;
    caps.push_back(cap_of(static_cast<Period>(period), Nanos{dice.up_to(scale[period] * 2)}));
    if (dice.one_in(3)) {
      caps.back().made_at = month.start + std::chrono::hours{dice.up_to(28 * 24)};
    }
  }
  return caps;
}

// Four levels of scopes, a month, and a clock that goes on.
class SpendingMonth {
 public:
  SpendingMonth(Dice& dice, const Calendar& calendar, const std::string& name)
      : dice_(dice), calendar_(calendar), name_(name), month_(*calendar.month_named(name)) {
    workspace_.caps = some_caps(dice, month_);
    // So that no path is unbounded.
    workspace_.caps.push_back(cap_of(Period::none, Nanos{1'000'000}));
    for (auto* scopes : {&teams_, &users_, &members_}) {
      for (CountedScope& scope : *scopes) scope.caps = some_caps(dice, month_);
    }
    for (std::size_t at = 0; at < members_.size(); ++at) {
      memberships_.push_back(
          member(static_cast<std::size_t>(dice.up_to(2)), static_cast<std::size_t>(dice.up_to(1))));
    }
  }

  const Cycle& month() const { return month_; }
  Nanos total() const { return total_; }

  void spend(Instant now, bool all_there_is) {
    const auto at = static_cast<std::size_t>(dice_.up_to(4));
    const std::vector<CountedScope*> path = {&workspace_, &teams_[memberships_[at].team],
                                             &users_[memberships_[at].user], &members_[at]};
    Nanos room = kMaxAmount;
    for (const CountedScope* scope : path) room = std::min(room, scope->room(calendar_, now));
    const Nanos amount{all_there_is ? room.count()
                                    : dice_.up_to(std::min<std::int64_t>(room.count(), 50))};
    for (CountedScope* scope : path) scope->spend(calendar_, now, amount);
    if (!month_.contains(now)) return;
    total_ += amount;
    memberships_[at].spent += amount;
  }

  Nanos figure(Instant now) const {
    const auto stored = [&](const CountedScope& scope) {
      return scope.as_stored(calendar_, month_, now);
    };
    ExposureInput input;
    input.workspace = {"all", stored(workspace_)};
    for (const auto& team : teams_) input.teams.push_back({"team", stored(team)});
    for (const auto& user : users_) input.users.push_back({"user", stored(user)});
    input.memberships = memberships_;
    for (std::size_t at = 0; at < members_.size(); ++at) {
      input.memberships[at].hard_caps = stored(members_[at]);
    }
    return compute_exposure(input, calendar_, name_)->figure;
  }

 private:
  Dice& dice_;
  const Calendar& calendar_;
  std::string name_;
  Cycle month_;
  CountedScope workspace_;
  std::vector<CountedScope> teams_{2}, users_{3}, members_{5};
  std::vector<ExposureMembership> memberships_;
  Nanos total_;
};

// Spends from three weeks before the month to its end. The figure, asked at any time on the way, is
// never passed by what the month comes to.
RC_GTEST_PROP(ExposureProperty, CapsOfAllPeriodsNeverLetTheMonthPassTheFigure,
              (std::uint64_t seed)) {
  Dice dice(seed);
  const std::array zones = {"UTC", "America/Sao_Paulo", "Pacific/Apia"};
  const std::array months = {"2011-12", "2018-11", "2024-02"};
  const Calendar calendar = *Calendar::make({.zone = zones[static_cast<std::size_t>(dice.up_to(2))],
                                             .cycle_day = static_cast<int>(dice.up_to(27)) + 1,
                                             .first_weekday = static_cast<int>(dice.up_to(6)) + 1});
  SpendingMonth spending(dice, calendar, months[static_cast<std::size_t>(dice.up_to(2))]);
  const Cycle month = spending.month();
  const bool all_there_is = dice.one_in(2);
  const bool starts_before = dice.one_in(2);
  Instant now = month.start - std::chrono::days{starts_before ? 20 : 0};
  Nanos lowest_figure = spending.figure(now);
  for (; now < month.end; now += std::chrono::hours{4}) {
    spending.spend(now, all_there_is);
    if (dice.one_in(20)) lowest_figure = std::min(lowest_figure, spending.figure(now));
  }
  RC_CLASSIFY(spending.total() > Nanos{0}, "spent something");
  RC_CLASSIFY(spending.total() == lowest_figure, "reached");
  RC_ASSERT(spending.total() <= lowest_figure);
}

}  // namespace
}  // namespace purser::reports
