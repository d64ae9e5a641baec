// The plan of the script: drawn once, from a fixed seed, by arithmetic that is the same everywhere.
#include <random>

#include "store_script.h"

namespace purser::disk {
namespace {

using std::chrono::hours;
using std::chrono::minutes;

constexpr Instant kStart{std::chrono::sys_days{std::chrono::year{2026} / 11 / 29} + hours(15)};

Id numbered_id(std::uint8_t kind, std::size_t number) {
  Id id;
  id.bytes[0] = 1;
  id.bytes[1] = kind;
  id.bytes[14] = static_cast<std::uint8_t>(number >> 8);
  id.bytes[15] = static_cast<std::uint8_t>(number);
  return id;
}

class Planner {
 public:
  Script plan() {
    script_.start = script_.end = kStart;
    for (std::size_t i = 0; i < Script::kPersons; ++i) {
      store::Attribution& who = script_.persons.emplace_back();
      who.user = numbered_id(1, i);
      who.team = numbered_id(2, i / 2);
      who.membership = numbered_id(3, i);
      who.key = numbered_id(4, i);
      who.provider = "openai";
      who.asked_model = "gpt-5";
      who.format = "openai_chat";
      add({.kind = StepKind::make_key, .person = i});
    }
    // A zero id of a workspace's scope is the store's own, which is not known yet.
    set_cap({{ledger::ScopeKind::workspace, {}}, Period::year}, usd(1'000'000));
    set_cap({{ledger::ScopeKind::team, script_.persons[0].team}, Period::month}, usd(60));
    set_cap({{ledger::ScopeKind::team, script_.persons[2].team}, Period::month}, usd(80));
    while (script_.steps.size() < Script::kCommands) next();
    return std::move(script_);
  }

 private:
  static Nanos usd(std::size_t whole) {
    return Nanos{static_cast<std::int64_t>(whole) * kNanosPerUsd};
  }
  std::size_t up_to(std::size_t below) { return random_() % below; }

  void add(Step step) {
    if (step.kind != StepKind::checkpoint && up_to(12) == 0) step.after = hours(up_to(30));
    script_.end += step.after;
    script_.steps.push_back(step);
  }

  void set_cap(const CapPlace& place, Nanos limit) {
    add({.kind = StepKind::set_cap, .amount = limit, .cap = place});
    caps_.push_back(place);
  }

  void next() {
    switch (up_to(20)) {
      case 0:
        return checkpoint();
      case 1:
        return add({.kind = StepKind::change_key, .person = up_to(Script::kPersons)});
      case 2:
      case 3:
        return cap();
      case 4:
        return add({.kind = StepKind::raise, .amount = usd(40 + up_to(60)), .cap = some_cap()});
      case 5:
        if (up_to(4) == 0) return add({.kind = StepKind::restart});
        [[fallthrough]];
      default:
        return batch();
    }
  }

  void checkpoint() {
    static constexpr const char* kHow[] = {"PASSIVE", "RESTART", "TRUNCATE"};
    add({.kind = StepKind::checkpoint, .checkpoint = kHow[up_to(3)]});
  }

  const CapPlace& some_cap() { return caps_[1 + up_to(caps_.size() - 1)]; }

  // Made in mid-cycle, or changed; sometimes to less than is spent.
  void cap() {
    const store::Attribution& who = script_.persons[up_to(Script::kPersons)];
    static constexpr Period kPeriods[] = {Period::day, Period::week, Period::month};
    const ledger::Scope scopes[] = {{ledger::ScopeKind::user, who.user},
                                    {ledger::ScopeKind::team, who.team},
                                    {ledger::ScopeKind::membership, who.membership},
                                    {ledger::ScopeKind::key, who.key}};
    set_cap({scopes[up_to(4)], kPeriods[up_to(3)]}, usd(1 + up_to(50)));
  }

  void batch() {
    const std::size_t size = up_to(3) == 0 ? 2 + up_to(4) : 1;
    for (std::size_t i = 0; i < size && script_.steps.size() < Script::kCommands; ++i) {
      Step step = open_.empty() || up_to(5) < 3 ? reserve() : settle();
      step.with_last = i > 0;
      add(step);
      if (step.with_last) script_.end -= script_.steps.back().after;
      if (step.with_last) script_.steps.back().after = {};
    }
  }

  Step reserve() {
    open_.push_back(script_.steps.size());
    return {.kind = StepKind::reserve,
            .person = up_to(Script::kPersons),
            .request = numbered_id(5, script_.steps.size()),
            .amount = Nanos{static_cast<std::int64_t>(1 + up_to(7'000'000'000))}};
  }

  // Of an older reserve or a fresh one; at nothing, within the hold, at it, or beyond it.
  Step settle() {
    const std::size_t which = up_to(open_.size());
    const std::size_t of = open_[which];
    open_.erase(open_.begin() + static_cast<std::ptrdiff_t>(which));
    const Step& reserve = script_.steps[of];
    Nanos cost = reserve.amount;
    const auto how = up_to(10);
    if (how == 0) cost = Nanos{0};
    if (how == 1) cost += Nanos{12345};
    if (how > 2) cost = Nanos{cost.count() / static_cast<std::int64_t>(1 + up_to(9))};
    return {.kind = StepKind::settle,
            .person = reserve.person,
            .of = of,
            .request = reserve.request,
            .amount = cost};
  }

  std::mt19937_64 random_{20261129};
  Script script_;
  std::vector<CapPlace> caps_;
  std::vector<std::size_t> open_;  // reserves without a settle
};

}  // namespace

Script make_script() { return Planner().plan(); }

std::string_view name(StepKind kind) {
  static constexpr std::string_view kNames[] = {"make_key", "change_key", "set_cap",    "raise",
                                                "reserve",  "settle",     "checkpoint", "restart"};
  return kNames[static_cast<std::size_t>(kind)];
}

}  // namespace purser::disk
