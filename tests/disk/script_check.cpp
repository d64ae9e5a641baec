#include "script_check.h"

#include <future>
#include <map>
#include <optional>
#include <set>

namespace purser::disk {
namespace {

using store::Row;
using store::Sql;

struct BookedUsage {
  std::int64_t hold = 0, cost = 0;  // with adjustments
  std::uint32_t flags = 0;
};

class Check {
 public:
  Check(const Script& script, const Answers& answers, std::uint64_t until,
        const std::string& directory)
      : script_(script),
        answers_(answers),
        until_(until),
        env_(script.end + std::chrono::hours(1), 11) {
    options_.directory = directory;
    options_.readers = 1;
  }

  Checked run() {
    auto opened = store::Store::open(options_, env_);
    if (!opened) {
      problem("The store does not open: " + opened.error().message);
      return std::move(checked_);
    }
    store_ = std::move(*opened);
    checked_.unconfirmed = store_->counters().expired_at_start;
    store_->read([&](Sql& sql) {
      check_usages(sql);
      check_caps(sql);
      check_keys(sql);
      check_reasons(sql);
      check_sums(sql);
    });
    for (std::size_t i = 0; i < script_.steps.size(); ++i)
      if (state(i) == Answer::done) ++checked_.confirmed;
    go_on();
    store_.reset();
    const auto report = store::verify(options_.directory);
    if (!report) problem("verify: " + report.error().message);
    if (report)
      for (const std::string& each : report->problems) problem("verify: " + each);
    return std::move(checked_);
  }

 private:
  void problem(std::string text) { checked_.problems.push_back(std::move(text)); }

  // As it was when the power went.
  int state(std::size_t step) const {
    const Answer& answer = answers_[step];
    if (answer.state == Answer::unsent || answer.sent_at > until_) return Answer::unsent;
    if (answer.state == Answer::sent || answer.answered_at > until_) return Answer::sent;
    return answer.state;
  }

  void check_usages(Sql& sql) {
    std::map<Id, BookedUsage> usages;
    sql.each(
        "SELECT u.request, u.hold_nanos, u.flags, u.cost_nanos + COALESCE((SELECT "
        "SUM(a.delta_nanos) FROM adjustments a WHERE a.workspace = u.workspace AND a.request = "
        "u.request), 0) FROM usages u",
        {}, [&](const Row& row) {
          usages[row.id(0)] = {row.integer(1), row.integer(3),
                               static_cast<std::uint32_t>(row.integer(2))};
        });
    sql.each("SELECT COUNT(*) FROM holds", {}, [&](const Row& row) {
      if (row.integer(0) != 0) problem("A hold outlived the epoch that made it.");
    });
    std::map<Id, std::size_t> settles;
    for (std::size_t i = 0; i < script_.steps.size(); ++i)
      if (script_.steps[i].kind == StepKind::settle) settles[script_.steps[i].request] = i;
    for (std::size_t i = 0; i < script_.steps.size(); ++i) {
      const Step& step = script_.steps[i];
      if (step.kind != StepKind::reserve) continue;
      std::optional<BookedUsage> usage;
      if (const auto found = usages.find(step.request); found != usages.end()) {
        usage = found->second;
        usages.erase(found);
      }
      const auto settle = settles.find(step.request);
      check_request(i, usage, settle == settles.end() ? std::nullopt : std::optional(*settle));
    }
    if (!usages.empty()) problem("There are usages that nobody asked for.");
  }

  void check_request(std::size_t reserve, const std::optional<BookedUsage>& usage,
                     std::optional<std::pair<const Id, std::size_t>> settle) {
    const std::string which = "The reserve of " + step_text(reserve);
    const int reserved = state(reserve);
    if (!usage) {
      if (reserved == Answer::done) problem(which + " was granted, and is gone (I2).");
      return;
    }
    if (reserved != Answer::done && reserved != Answer::sent) {
      problem(which + " was refused, failed or never sent, and counts.");
      return;
    }
    if (usage->hold != script_.steps[reserve].amount.count())
      problem(which + " has another hold than what was granted.");
    const int settled = settle ? state(settle->second) : Answer::unsent;
    const bool exact = settle && usage->cost == script_.steps[settle->second].amount.count() &&
                       (usage->flags & store::kUnconfirmed) == 0;
    const bool in_full = usage->cost == usage->hold && (usage->flags & store::kUnconfirmed) != 0;
    if (settled == Answer::done && !exact) problem(which + ": its settle is gone.");
    if (settled == Answer::sent && !exact && !in_full)
      problem(which + ": neither settled nor unconfirmed.");
    if (settled != Answer::done && settled != Answer::sent && !in_full)
      problem(which + ": nobody settled it, and it is not unconfirmed in full.");
  }

  // What a row may say: what the last confirmed change made it, or what those under way would.
  void check_caps(Sql& sql) {
    std::map<CapPlace, std::set<std::int64_t>> allowed;
    constexpr std::int64_t kAbsent = -1;
    for (std::size_t i = 0; i < script_.steps.size(); ++i) {
      const Step& step = script_.steps[i];
      if (step.kind != StepKind::set_cap && step.kind != StepKind::raise) continue;
      auto& limits = allowed.try_emplace(step.cap, std::set{kAbsent}).first->second;
      if (state(i) == Answer::done) limits = {step.amount.count()};
      if (state(i) == Answer::sent) limits.insert(step.amount.count());
    }
    std::map<CapPlace, std::int64_t> found;
    sql.each("SELECT scope_kind, scope_id, period, limit_nanos FROM caps", {}, [&](const Row& row) {
      CapPlace place{{static_cast<ledger::ScopeKind>(row.integer(0)), row.id(1)},
                     static_cast<Period>(row.integer(2))};
      if (place.scope.kind == ledger::ScopeKind::workspace) place.scope.id = {};
      found[place] = row.integer(3);
    });
    for (const auto& [place, limits] : allowed) {
      const auto limit = found.find(place);
      if (!limits.contains(limit == found.end() ? kAbsent : limit->second))
        problem("A cap of a " + std::string(name(place.scope.kind)) +
                " is not what was confirmed last.");
      if (limit != found.end()) found.erase(limit);
    }
    if (!found.empty()) problem("There is a cap that nobody made.");
  }

  void check_keys(Sql& sql) {
    for (std::size_t person = 0; person < Script::kPersons; ++person) {
      std::int64_t least = 0, most = 0;
      for (std::size_t i = 0; i < script_.steps.size(); ++i) {
        const Step& step = script_.steps[i];
        if (step.person != person) continue;
        const std::int64_t by = step.kind == StepKind::make_key     ? 2
                                : step.kind == StepKind::change_key ? 1
                                                                    : 0;
        if (state(i) == Answer::done) least += by;
        if (state(i) == Answer::done || state(i) == Answer::sent) most += by;
      }
      std::int64_t version = 0;
      sql.each("SELECT identity_version FROM keys WHERE id = ?1", {script_.persons[person].key},
               [&](const Row& row) { version = row.integer(0); });
      if (version < least || version > most) problem("A key has not the version it was given.");
    }
  }

  // Each change stands once in the audit, under its step's number.
  void check_reasons(Sql& sql) {
    std::map<std::string, int, std::less<>> reasons;
    sql.each("SELECT reason FROM audit", {},
             [&](const Row& row) { ++reasons[std::string(row.text(0))]; });
    for (std::size_t i = 0; i < script_.steps.size(); ++i) {
      const StepKind kind = script_.steps[i].kind;
      if (kind == StepKind::reserve || kind == StepKind::settle || kind == StepKind::checkpoint ||
          kind == StepKind::restart)
        continue;
      const int entries = reasons[step_text(i)];
      const bool there = state(i) == Answer::done;
      const bool may_be = there || state(i) == Answer::sent;
      if (entries > (may_be ? 1 : 0) || entries < (there ? 1 : 0))
        problem("The audit has " + std::to_string(entries) + " entries of the change of " +
                step_text(i));
    }
  }

  // By SQL alone, beside what `verify` finds.
  void check_sums(Sql& sql) {
    sql.each(
        "SELECT COUNT(*) FROM accounts a JOIN caps c ON c.id = a.cap WHERE a.spent_nanos + "
        "a.held_nanos > a.limit_nanos AND a.excess = 0",
        {}, [&](const Row& row) {
          if (row.integer(0) != 0) problem("An account is above its limit (I1).");
        });
    sql.each(
        "SELECT COALESCE((SELECT SUM(cost_nanos) FROM usages), 0) + COALESCE((SELECT "
        "SUM(delta_nanos) FROM adjustments), 0) - COALESCE((SELECT SUM(a.spent_nanos) FROM "
        "accounts a JOIN caps c ON c.id = a.cap WHERE c.scope_kind = ?1), 0)",
        {static_cast<int>(ledger::ScopeKind::workspace)}, [&](const Row& row) {
          if (row.integer(0) != 0)
            problem("The workspace's cap has not spent what the usages cost (I4).");
        });
  }

  // A key, a cap, a reserve and its settle, as on any day.
  void go_on() {
    store::Attribution who = script_.persons[0];
    for (Id* id : {&who.user, &who.team, &who.membership, &who.key}) id->bytes[0] = 2;
    const store::Actor actor{{}, "Ada Admin"};
    const auto made = store_->change([&](store::Change& change) -> Result<void> {
      change.sql().run("INSERT INTO keys (workspace, id) VALUES (?1, ?2)",
                       {change.workspace(), who.key});
      change.raise_identity_version(who.key);
      auto cap = change.set_cap({{ledger::ScopeKind::user, who.user},
                                 Period::day,
                                 ledger::Enforcement::hard,
                                 Nanos{kNanosPerUsd},
                                 {}},
                                actor, "It goes on.");
      return cap ? Result<void>{} : cap.error();
    });
    if (!made) return problem("No change can be made any more: " + made.error().message);
    store::ReserveRequest request;
    request.reserve.request = make_id(env_);
    request.reserve.scopes = scopes_of(store_->workspace(), who);
    request.reserve.forms.push_back(Nanos{1000});
    request.reserve.smallest = Nanos{1000};
    request.attribution = who;
    request.identity_version = 2;
    request.explanation = "{}";
    store::SettleRequest settle;
    settle.request = request.reserve.request;
    settle.cost = Nanos{700};
    if (!answer(std::move(request))) problem("No request is granted any more.");
    if (!answer(std::move(settle))) problem("No request can be settled any more.");
  }

  template <typename Request>
  bool answer(Request request) {
    std::promise<bool> granted;
    const bool queued = store_->submit(std::move(request), [&](store::CommandResult&& result) {
      granted.set_value(result.status == store::StoreStatus::done &&
                        result.outcome.decision == ledger::Decision::granted);
    });
    return queued && granted.get_future().get();
  }

  const Script& script_;
  const Answers& answers_;
  const std::uint64_t until_;
  ManualEnv env_;
  store::StoreOptions options_;
  std::unique_ptr<store::Store> store_;
  Checked checked_;
};

}  // namespace

Checked check_recovery(const Script& script, const Answers& answers, std::uint64_t until,
                       const std::string& directory) {
  return Check(script, answers, until, directory).run();
}

}  // namespace purser::disk
