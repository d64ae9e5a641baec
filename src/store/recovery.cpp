// The beginning and the end of an epoch: what a dead one left open is settled in full.
#include <unistd.h>

#include "command_log.h"
#include "commands.h"
#include "engine.h"

namespace purser::store {
namespace {

constexpr std::size_t kExpiredInOneTransaction = 256;

}  // namespace

void Engine::start() {
  {
    const std::scoped_lock lock(mutex);
    writer_.load();
    writer_.state.publish();
  }
  begin_epoch();
  expire_dead_holds();
}

void Engine::begin_epoch() {
  begin();
  const LedgerClock::Reading time = clock_.read();
  writer_.epoch =
      1 + connection_->integer("SELECT COALESCE(MAX(number), 0) FROM epochs WHERE workspace = ?1",
                               {writer_.workspace});
  connection_->run(
      "INSERT INTO epochs (workspace, number, process, began_at) VALUES (?1, ?2, ?3, ?4)",
      {writer_.workspace, writer_.epoch, static_cast<std::int64_t>(getpid()), time.now});
  connection_->execute("COMMIT");
}

void Engine::expire_dead_holds() {
  std::vector<Id> dead;
  writer_.state.holds.each([&](const Id& request, const HoldEntry& hold) {
    if (hold.body->epoch != writer_.epoch) dead.push_back(request);
  });
  for (std::size_t first = 0; first < dead.size(); first += kExpiredInOneTransaction) {
    const std::size_t end = std::min(dead.size(), first + kExpiredInOneTransaction);
    begin();
    for (std::size_t i = first; i < end; ++i) {
      writer_.begin_command(std::max(clock_.read().now, writer_.progress.ledger_time));
      const CommandResult result = expire(writer_, dead[i]);
      if (writer_.command_log) log_expire(writer_, dead[i], result);
    }
    writer_.finish_batch();
    connection_->execute("COMMIT");
    publish(end - first);
  }
  begin();
  writer_.holds.clear();
  connection_->execute("COMMIT");
  const std::scoped_lock lock(mutex);
  counters_.expired_at_start = dead.size();
}

void Engine::end_epoch() {
  begin();
  connection_->run("UPDATE epochs SET ended_at = ?3 WHERE workspace = ?1 AND number = ?2",
                   {writer_.workspace, writer_.epoch, clock_.read().now});
  connection_->execute("COMMIT");
}

}  // namespace purser::store
