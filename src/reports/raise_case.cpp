#include "purser/reports/raise_case.h"

#include <algorithm>
#include <cmath>

namespace purser::reports {
namespace {

constexpr Nanos kCent{kNanosPerUsd / 100};

// `percent` of it, rounded up; never beyond what a limit may be.
Nanos percent_of(Nanos amount, std::int64_t percent) {
  const std::int64_t count = std::max<std::int64_t>(0, amount.count());
  const std::int64_t whole = count / 100 * percent + (count % 100 * percent + 99) / 100;
  return std::min(Nanos{whole}, kMaxAmount);
}

struct Target {
  Nanos amount;
  std::string why;  // empty: how much more it is, once it is rounded
};

std::string how_much_more(Nanos limit, Nanos now) {
  if (now <= Nanos{0}) return "more than nothing";
  const double part = static_cast<double>((limit - now).count()) / static_cast<double>(now.count());
  return std::to_string(std::llround(100 * part)) + " % more than now";
}

std::vector<Target> targets_of(const ledger::Account& account,
                               const std::optional<Forecast>& forecast) {
  const Nanos tenth = percent_of(account.limit, 110);
  std::vector<Target> targets = {
      {tenth, ""}, {percent_of(account.limit, 125), ""}, {percent_of(account.limit, 150), ""}};
  if (!forecast) return targets;
  const std::string end = " by the end of the " + std::string(name(account.period));
  const Nanos spare = forecast->high + percent_of(forecast->high - account.spent, 25);
  if (forecast->total > tenth) targets[0] = {forecast->total, "covers what is expected" + end};
  if (forecast->high > std::max(tenth, forecast->total))
    targets[1] = {forecast->high, "covers nine cases in ten" + end};
  if (forecast->high > tenth)
    targets[2] = {spare, "leaves a quarter of the rest to spare beyond nine cases in ten"};
  return targets;
}

}  // namespace

Nanos round_up_to_choice(Nanos amount) {
  if (amount <= kCent) return kCent;
  if (amount >= kMaxAmount) return kMaxAmount;
  std::int64_t power = kCent.count();
  while (amount.count() > power * 10) power *= 10;
  // Nothing finer than a cent.
  const std::int64_t step = amount.count() <= 2 * power   ? power / 10
                            : amount.count() <= 5 * power ? power / 2
                                                          : power;
  const std::int64_t least = std::max(step, kCent.count());
  return Nanos{(amount.count() + least - 1) / least * least};
}

std::vector<RaiseSuggestion> suggest_raises(const ledger::Account& account,
                                            const std::optional<Forecast>& forecast) {
  const Nanos used = account.spent + account.held;
  // Of it, nine tenths are used.
  const Nanos passes_again = Nanos{used.count() / 9 * 10 + 10};
  Nanos least = std::max(account.limit + Nanos{1}, std::min(passes_again, kMaxAmount));
  std::vector<RaiseSuggestion> suggestions;
  for (const Target& target : targets_of(account, forecast)) {
    const bool needs_more = target.amount < least && suggestions.empty() && account.paused();
    const Nanos limit = round_up_to_choice(std::max(target.amount, least));
    if (limit <= account.limit || (!suggestions.empty() && limit <= suggestions.back().limit))
      break;
    suggestions.push_back({limit, needs_more           ? "lets requests pass again"
                                  : target.why.empty() ? how_much_more(limit, account.limit)
                                                       : target.why});
    if (limit >= kMaxAmount) break;
    least = limit + Nanos{1};
  }
  return suggestions;
}

}  // namespace purser::reports
