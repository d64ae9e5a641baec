#include <sys/mman.h>

#include <future>
#include <new>
#include <optional>
#include <stdexcept>

#include "sqlite/connection.h"
#include "sqlite/directory.h"
#include "store_script.h"

namespace purser::disk {
namespace {

using store::CommandResult;
using store::StoreStatus;

class Run {
 public:
  Run(const Script& script, const std::string& directory, Answers& answers,
      const std::function<std::uint64_t()>& calls)
      : script_(script), answers_(answers), calls_(calls), env_(script.start, 7) {
    options_.directory = directory;
    options_.readers = 1;
    options_.recent_balances = 2;  // fewer than accounts, so that balances move
    options_.hold_rows = 2;        // so that holds go over the rows of others
  }

  std::string run() {
    if (auto why = open(); !why.empty()) return why;
    const auto& steps = script_.steps;
    for (std::size_t first = 0; first < steps.size();) {
      std::size_t end = first + 1;
      while (end < steps.size() && steps[end].with_last) ++end;
      env_.advance(steps[first].after);
      if (auto why = take(first, end); !why.empty()) return why;
      first = end;
    }
    store_.reset();
    return {};
  }

 private:
  std::string open() {
    auto opened = store::Store::open(options_, env_);
    if (!opened) return opened.error().message;
    store_ = std::move(*opened);
    return {};
  }

  std::string take(std::size_t first, std::size_t end) {
    const Step& step = script_.steps[first];
    if (step.kind == StepKind::reserve || step.kind == StepKind::settle) {
      submit(first, end);
    } else if (step.kind == StepKind::checkpoint) {
      checkpoint(step.checkpoint);
    } else if (step.kind == StepKind::restart) {
      store_.reset();
      return open();
    } else {
      change(first);
    }
    return {};
  }

  void sent(std::size_t step) {
    answers_[step].sent_at = calls_();
    answers_[step].state = Answer::sent;
  }
  void answered(std::size_t step, Answer::State state) {
    answers_[step].answered_at = calls_();
    answers_[step].state = state;
  }

  void submit(std::size_t first, std::size_t end) {
    std::promise<void> all;
    std::atomic<std::size_t> left = end - first;
    for (std::size_t i = first; i < end; ++i) {
      sent(i);
      const auto completion = [this, i, &left, &all](CommandResult&& result) {
        take_result(i, result);
        if (--left == 0) all.set_value();
      };
      const bool queued = script_.steps[i].kind == StepKind::reserve
                              ? store_->submit(reserve_request(script_.steps[i]), completion)
                              : store_->submit(settle_request(script_.steps[i]), completion);
      if (!queued) throw std::runtime_error("the store's queue is full");
    }
    all.get_future().get();
  }

  void take_result(std::size_t step, const CommandResult& result) {
    if (result.status != StoreStatus::done) return answered(step, Answer::failed);
    const bool granted = result.outcome.decision == ledger::Decision::granted;
    if (granted) answers_[step].hold_nanos = result.outcome.amount.count();
    answered(step, granted ? Answer::done : Answer::refused);
  }

  store::ReserveRequest reserve_request(const Step& step) const {
    store::ReserveRequest request;
    request.attribution = script_.persons[step.person];
    request.reserve.request = step.request;
    request.reserve.scopes = scopes_of(store_->workspace(), request.attribution);
    request.reserve.forms.push_back(step.amount);
    request.reserve.smallest = step.amount;
    request.identity_version = versions_[step.person];
    request.price_id = "openai/gpt-5";
    request.price_version = "2026-11-01";
    request.explanation = "{}";
    return request;
  }

  static store::SettleRequest settle_request(const Step& step) {
    store::SettleRequest request;
    request.request = step.request;
    request.cost = step.amount;
    request.counts.tokens = {100, 20, 3, 4, 50, 6, 7, 8};
    request.status = 200;
    request.ending = "complete";
    return request;
  }

  void change(std::size_t index) {
    const Step& step = script_.steps[index];
    sent(index);
    const auto changed = store_->change(
        [&](store::Change& change) { return run_change(change, step, step_text(index)); });
    if (changed && step.kind == StepKind::make_key) versions_[step.person] = 2;
    if (changed && step.kind == StepKind::change_key) ++versions_[step.person];
    answered(index, changed ? Answer::done : Answer::failed);
  }

  Result<void> run_change(store::Change& change, const Step& step, const std::string& reason) {
    const store::Actor actor{{}, "Ada Admin"};
    ledger::Scope scope = step.cap.scope;
    if (scope.kind == ledger::ScopeKind::workspace) scope.id = change.workspace();
    if (step.kind == StepKind::set_cap) {
      auto made = change.set_cap(
          {scope, step.cap.period, ledger::Enforcement::hard, step.amount, {}}, actor, reason);
      return made ? Result<void>{} : made.error();
    }
    if (step.kind == StepKind::raise) {
      for (const auto& cap : store_->caps({scope}))
        if (cap.cap.period == step.cap.period) {
          auto raised =
              change.apply(ledger::Raise{cap.cap.id, step.amount, std::nullopt}, actor, reason);
          if (!raised) return raised.error();
          if (raised->decision == ledger::Decision::granted) return {};
          return Error{"not_possible", "That is no raise.", Side::client};
        }
      return Error{"not_possible", "There is no such cap.", Side::client};
    }
    const Id& key = script_.persons[step.person].key;
    if (step.kind == StepKind::make_key)
      change.sql().run("INSERT INTO keys (workspace, id) VALUES (?1, ?2)",
                       {change.workspace(), key});
    change.raise_identity_version(key);
    store::AuditEntry entry;
    entry.actor = actor;
    entry.action = "key.change";
    entry.target = to_text("key", key);
    entry.reason = reason;
    change.audit(entry);
    return {};
  }

  // As the engine does by itself when the log has grown long; here at any time.
  void checkpoint(const std::string& how) {
    try {
      store::Connection connection(store::ledger_file(options_.directory),
                                   store::Connection::Mode::write);
      connection.execute("PRAGMA synchronous = FULL");
      connection.execute(("PRAGMA wal_checkpoint(" + how + ")").c_str());
    } catch (const store::SqlError&) {
      // The log goes on growing; nobody was promised anything.
    }
  }

  const Script& script_;
  Answers& answers_;
  const std::function<std::uint64_t()>& calls_;
  ManualEnv env_;
  store::StoreOptions options_;
  std::unique_ptr<store::Store> store_;
  std::int64_t versions_[Script::kPersons] = {};
};

}  // namespace

Answers::Answers(std::size_t count) : count_(count) {
  void* shared = mmap(nullptr, count * sizeof(Answer), PROT_READ | PROT_WRITE,
                      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (shared == MAP_FAILED) throw std::bad_alloc();
  answers_ = static_cast<Answer*>(shared);
  clear();
}

Answers::~Answers() { munmap(answers_, count_ * sizeof(Answer)); }

void Answers::clear() {
  for (std::size_t i = 0; i < count_; ++i) new (&answers_[i]) Answer;
}

std::string run_script(const Script& script, const std::string& directory, Answers& answers,
                       const std::function<std::uint64_t()>& calls) {
  return Run(script, directory, answers, calls).run();
}

}  // namespace purser::disk
