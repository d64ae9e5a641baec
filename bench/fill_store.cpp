// Fills the ledger of an existing data directory with usage, as the gateway would have: every hold
// and settle goes through the store, so that `purser verify` stays clean. Ends as a crash would, so
// that holds can stay open.
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <mutex>
#include <random>
#include <thread>
#include <vector>

#include "figures.h"
#include "purser/base/env.h"
#include "purser/store/store.h"

namespace purser::store {
namespace {

constexpr int kInFlight = 1024;
constexpr Nanos kHold{120'000};

struct Who {
  Attribution attribution;
  std::int64_t identity_version = 0;
};

std::vector<Who> read_keys(Store& store) {
  std::vector<Who> all;
  store.read([&](Sql& sql) {
    sql.each(
        "SELECT k.id, m.user_id, m.team, m.id, k.identity_version FROM keys k"
        " JOIN memberships m ON m.workspace = k.workspace AND m.id = k.membership"
        " WHERE k.workspace = ?1 AND k.revoked IS NULL",
        {store.workspace()}, [&](const Row& row) {
          Who who;
          who.attribution.key = row.id(0);
          who.attribution.user = row.id(1);
          who.attribution.team = row.id(2);
          who.attribution.membership = row.id(3);
          who.identity_version = row.integer(4);
          who.attribution.provider = "openai";
          who.attribution.asked_model = "gpt-4o-mini";
          who.attribution.format = "openai_chat";
          all.push_back(std::move(who));
        });
  });
  return all;
}

// Keys at random, `kInFlight` requests at once, until `to_settle` have been settled and `to_hold`
// more are held. All but the beginning runs on the store's thread.
class Filling {
 public:
  Filling(Store& store, std::vector<Who> keys, int to_settle, int to_hold, int seed)
      : store_(store),
        keys_(std::move(keys)),
        to_settle_(to_settle),
        to_hold_(to_hold),
        random_(static_cast<unsigned>(seed)) {}

  bool run() {
    left_ = to_settle_ + to_hold_;
    const int first = std::min(kInFlight, to_settle_ + to_hold_);
    started_ = first;
    for (int i = 0; i < first; ++i) reserve(i < to_hold_);
    while (left_ > 0 && !failed_) std::this_thread::sleep_for(std::chrono::milliseconds(5));
    return !failed_;
  }

 private:
  void next() {
    --left_;
    if (started_ >= to_settle_ + to_hold_) return;
    reserve(started_++ < to_hold_);
  }

  void reserve(bool stays) {
    std::unique_lock lock(mutex_);
    const Who& who = keys_[random_() % keys_.size()];
    lock.unlock();
    ReserveRequest request;
    request.reserve.request = make_id(system_env());
    request.reserve.scopes = scopes_of(store_.workspace(), who.attribution);
    request.reserve.forms.push_back(kHold);
    request.reserve.smallest = kHold;
    request.attribution = who.attribution;
    request.identity_version = who.identity_version;
    request.price_id = "openai/gpt-4o-mini";
    request.price_version = "bench";
    request.explanation = R"({"input_tokens_at_most":1200,"output_tokens_at_most":400})";
    const Id id = request.reserve.request;
    const bool queued = store_.submit(std::move(request), [this, id, stays](CommandResult&& held) {
      if (held.status != StoreStatus::done || held.outcome.decision != ledger::Decision::granted)
        failed_ = true;
      else if (stays)
        next();
      else
        settle(id);
    });
    if (!queued) failed_ = true;
  }

  void settle(const Id& id) {
    SettleRequest request;
    request.request = id;
    request.cost = Nanos{99'000};
    request.counts.tokens = {180, 0, 0, 0, 120, 0, 0, 0};
    request.actual_model = "gpt-4o-mini-2024-07-18";
    request.provider_request_id = "chatcmpl-bench";
    request.service_tier = "default";
    request.status = 200;
    request.ending = "complete";
    const bool queued = store_.submit(std::move(request), [this](CommandResult&& settled) {
      if (settled.status != StoreStatus::done) failed_ = true;
      next();
    });
    if (!queued) failed_ = true;
  }

  Store& store_;
  const std::vector<Who> keys_;
  const int to_settle_, to_hold_;
  std::mutex mutex_;
  std::mt19937 random_;
  std::atomic<int> started_ = 0, left_ = 0;
  std::atomic<bool> failed_ = false;
};

int run(const std::string& directory, int usages, int holds, int seed) {
  StoreOptions options;
  options.directory = directory;
  auto opened = Store::open(options, system_env());
  if (!opened) {
    std::fprintf(stderr, "%s\n", opened.error().message.c_str());
    return 1;
  }
  std::vector<Who> keys = read_keys(**opened);
  if (keys.empty()) {
    std::fprintf(stderr, "fill_store: this workspace has no keys\n");
    return 1;
  }
  Filling filling(**opened, std::move(keys), usages, holds, seed);
  const bool filled = filling.run();
  if (!filled) std::fprintf(stderr, "fill_store: the store refused a command\n");
  std::fflush(stderr);
  _exit(filled ? 0 : 1);  // the store is not closed: its epoch dies with holds open
}

}  // namespace
}  // namespace purser::store

int main(int argc, char** argv) {
  purser::bench::Flags flags(argc, argv,
                             "fill_store --directory D [--usages N] [--holds N] [--seed N]");
  const std::string directory = flags.text("--directory", "");
  const int usages = std::stoi(flags.text("--usages", "0"));
  const int holds = std::stoi(flags.text("--holds", "0"));
  const int seed = flags.number("--seed", 1);
  flags.end();
  return purser::store::run(directory, usages, holds, seed);
}
