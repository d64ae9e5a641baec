#include "engine.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <mutex>

#include "change.h"
#include "command_log.h"
#include "commands.h"
#include "purser/base/check.h"

namespace purser::store {
namespace {

Error not_durable() {
  return {"not_durable", "The ledger could not be written; nothing was changed. Try again.",
          Side::us};
}

}  // namespace

Engine::Engine(std::unique_ptr<Connection> connection, const Id& workspace,
               const StoreOptions& options, Env& env)
    : connection_(std::move(connection)),
      writer_(*connection_, workspace, env, options),
      clock_(env, load_progress(*connection_, workspace).ledger_time),
      on_disk_failure_(options.on_disk_failure) {
  writer_.command_log = options.command_log;
}

// After a failed sync the kernel may have dropped what it could not write: what the file now holds
// is known only after it is read again from the disk. Recovery does that.
void Engine::give_up(const char* what) {
  if (on_disk_failure_) on_disk_failure_(what);
  std::fprintf(stderr,
               "purser: the disk failed while the ledger was being written (%s). The process ends; "
               "look at the disk, then start again: what was confirmed is in the file.\n",
               what);
  std::abort();
}

void Engine::begin() { connection_->run("BEGIN IMMEDIATE"); }

void Engine::process(std::vector<QueuedCommand>& batch) {
  std::vector<Answer> answers;
  answers.reserve(batch.size());
  bool durable = false;
  try {
    begin();
    for (QueuedCommand& command : batch) answers.push_back(run(command));
    writer_.finish_batch();
    durable = commit();
  } catch (const SqliteError& error) {
    if (error.is_io_error()) give_up(error.what());
    fail_batch(error.what());
  } catch (const SqlError& error) {
    fail_batch(error.what());
  }
  if (durable) publish(batch.size());
  // Commands that were not reached have no answer yet.
  for (std::size_t i = answers.size(); i < batch.size(); ++i) {
    Answer& answer = answers.emplace_back();
    if (auto* change = std::get_if<QueuedChange>(&batch[i]))
      answer.change = change;
    else
      std::visit(
          [&](auto& command) {
            if constexpr (!std::is_same_v<decltype(command), QueuedChange&>)
              answer.completion = &command.completion;
          },
          batch[i]);
  }
  for (Answer& answer : answers) {
    if (answer.change != nullptr) {
      answer.change->completion(durable ? std::move(answer.outcome) : Result<void>(not_durable()));
    } else {
      if (!durable) answer.result = CommandResult{};
      (*answer.completion)(std::move(answer.result));
    }
  }
}

Engine::Answer Engine::run(QueuedCommand& command) {
  Answer answer;
  const LedgerClock::Reading time = clock_.read();
  writer_.begin_command(std::max(time.now, writer_.progress.ledger_time));
  if (auto* queued = std::get_if<QueuedReserve>(&command)) {
    answer.completion = &queued->completion;
    answer.result = run(*queued, time);
    if (writer_.command_log) log_reserve(writer_, queued->request, answer.result);
  } else if (auto* settling = std::get_if<QueuedSettle>(&command)) {
    answer.completion = &settling->completion;
    answer.result = settle(writer_, settling->request);
    if (writer_.command_log) log_settle(writer_, settling->request, answer.result);
  } else {
    answer.change = &std::get<QueuedChange>(command);
    answer.outcome = run(*answer.change);
    if (writer_.command_log) log_change(writer_, answer.outcome);
  }
  return answer;
}

CommandResult Engine::run(const QueuedReserve& command, LedgerClock::Reading time) {
  CommandResult result;
  if (time.in_doubt) {
    result.status = StoreStatus::clock_in_doubt;
    result.at = writer_.now;
    result.sequence = writer_.sequence();
    return result;
  }
  result = reserve(writer_, command.request);
  if (result.status == StoreStatus::done && result.outcome.decision != ledger::Decision::granted)
    ++counters_.refusals;
  return result;
}

Result<void> Engine::run(const QueuedChange& command) {
  writer_.flush();
  const Writer::Checkpoint before = writer_.checkpoint();
  connection_->execute("SAVEPOINT change");
  Result<void> outcome = run_body(command);
  // Some errors (a full disk) make the engine roll the whole transaction back.
  if (!connection_->in_transaction()) throw SqlError("the transaction was rolled back");
  if (outcome) {
    writer_.flush();
    connection_->execute("RELEASE change");
    return outcome;
  }
  connection_->execute("ROLLBACK TO change");
  connection_->execute("RELEASE change");
  writer_.restore(before);
  return outcome;
}

Result<void> Engine::run_body(const QueuedChange& command) {
  if (command.accepts_clock) writer_.now = std::max(writer_.now, clock_.accept());
  try {
    ChangeInBatch change(writer_);
    return command.body(change);
  } catch (const ChangeRefused& refused) {
    return refused.error;
  } catch (const SqliteError& error) {
    if (error.is_io_error()) give_up(error.what());
    return Error{"change_failed", error.what(), Side::us};
  } catch (const std::exception& error) {
    return Error{"change_failed", error.what(), Side::us};
  }
}

bool Engine::commit() {
  try {
    connection_->run("COMMIT");
    return true;
  } catch (const SqliteError& error) {
    if (error.is_io_error()) give_up(error.what());
    fail_batch(error.what());
    return false;
  }
}

void Engine::fail_batch(const char* why) {
  std::fprintf(stderr, "purser: a batch of the ledger was not written: %s\n", why);
  try {
    if (connection_->in_transaction()) connection_->execute("ROLLBACK");
    const std::scoped_lock lock(mutex);
    ++counters_.failed_commits;
    writer_.discard();
    writer_.load();
    writer_.state.publish();
  } catch (const SqlError& error) {
    give_up(error.what());
  }
}

void Engine::publish(std::size_t batch_size) {
  const std::scoped_lock lock(mutex);
  writer_.state.publish();
  writer_.wrote = false;
  ++counters_.commits;
  counters_.commands += batch_size;
  counters_.largest_batch = std::max<std::uint64_t>(counters_.largest_batch, batch_size);
  counters_.overspend_total += std::exchange(writer_.overspend_in_batch, Nanos{});
}

StoreCounters Engine::counters() const {
  const std::shared_lock lock(mutex);
  StoreCounters counters = counters_;
  counters.holds_open = writer_.state.holds.published_size();
  return counters;
}

}  // namespace purser::store
