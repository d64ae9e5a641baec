// What the exchanges of one gateway share, and what those of one io thread share.
#pragma once

#include <atomic>
#include <boost/asio/io_context.hpp>
#include <boost/asio/thread_pool.hpp>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "beta_notices.h"
#include "metrics.h"
#include "prefix_memory.h"
#include "purser/gateway/gateway.h"
#include "purser/providers/refusal.h"
#include "refusal_log.h"
#include "refused_retries.h"
#include "routing.h"
#include "upstreams.h"

namespace purser::gateway {

class Exchange;

// One place in a bounded queue, given back however the work ends.
class QueuePlace {
 public:
  QueuePlace(std::atomic<std::size_t>& taken, std::size_t limit)
      : taken_(taken), ok_(taken.fetch_add(1) < limit) {}
  ~QueuePlace() { taken_.fetch_sub(1); }
  QueuePlace(const QueuePlace&) = delete;
  QueuePlace& operator=(const QueuePlace&) = delete;
  bool ok() const { return ok_; }

 private:
  std::atomic<std::size_t>& taken_;
  const bool ok_;
};

// Requests in flight by key, bounded (GatewayOptions::holds_per_key). Thread-safe.
class KeyLoad {
 public:
  bool enter(const Id& key, std::size_t limit) {
    const std::scoped_lock lock(mutex_);
    std::size_t& count = counts_[key];
    if (count >= limit) return false;
    ++count;
    return true;
  }
  void leave(const Id& key) {
    const std::scoped_lock lock(mutex_);
    const auto found = counts_.find(key);
    if (found != counts_.end() && --found->second == 0) counts_.erase(found);
  }

 private:
  std::mutex mutex_;
  std::unordered_map<Id, std::size_t> counts_;
};

// Which provider's answer came from whose request, for `previous_response_id`. Bounded.
// Thread-safe.
class ResponseOwners {
 public:
  struct Owner {
    Id user;
    std::int64_t tokens = 0;  // input and output of that answer: what the next one reads again
  };
  explicit ResponseOwners(std::size_t capacity) : capacity_(capacity) {}
  void add(const std::string& response_id, const Owner& owner);
  std::optional<Owner> find(const std::string& response_id) const;

 private:
  mutable std::mutex mutex_;
  std::size_t capacity_;
  std::deque<std::string> order_;
  std::unordered_map<std::string, Owner> owners_;
};

// One io thread's part. Used on that thread only, but for the metrics.
class Lane {
 public:
  Lane(boost::asio::io_context& lane_io, std::shared_ptr<Upstreams> lane_upstreams)
      : io(lane_io), upstreams(std::move(lane_upstreams)) {}

  boost::asio::io_context& io;
  std::shared_ptr<Upstreams> upstreams;

  // Prices by "provider/model", kept for a minute, since some change with the time of day.
  Result<std::shared_ptr<const pricing::Price>> price(
      const std::shared_ptr<const pricing::PriceBook>& book, const std::string& provider,
      const std::string& model, Instant now);

  // `route`, whose answers are kept while the options and the price book are the same.
  Result<Route> route(const std::shared_ptr<Upstreams>& by,
                      const std::shared_ptr<const pricing::PriceBook>& book,
                      providers::Format format, std::string_view model);

  std::unordered_set<Exchange*> exchanges;
  RefusedRetries refused;
  Metrics metrics;

 private:
  std::shared_ptr<const pricing::PriceBook> priced_by_;
  Instant priced_until_;
  std::unordered_map<std::string, std::shared_ptr<const pricing::Price>> prices_;
  InForce routed_from_;
  std::unordered_map<std::string, Route> routes_;
};

struct GatewayState {
  GatewayState(GatewayOptions o, GatewayServices s);

  store::Store* store;
  identity::KeyRing* keys;
  Env* env;
  std::function<void(const ExchangeRecord&)> on_end;

  Metrics metrics;  // but for what is counted on the lanes
  PrefixMemory prefixes;
  ResponseOwners responses;
  BetaNotices betas;
  RefusalLog refusals;
  KeyLoad key_load;
  const std::size_t worker_queue;
  std::atomic<std::size_t> queued_work{0};
  std::atomic<bool> closing{false};  // the io threads have ended
  const GatewaySeams seams;
  std::optional<boost::asio::thread_pool> own_workers;
  boost::asio::any_io_executor workers;  // what blocks
  std::vector<std::unique_ptr<Lane>> lanes;

  // What a reload replaces. An exchange reads its options from its Upstreams instead, which stay.
  std::shared_ptr<const pricing::PriceBook> prices() const {
    const std::scoped_lock lock(current_mutex);
    return current_prices;
  }
  std::shared_ptr<const GatewayOptions> options() const {
    const std::scoped_lock lock(current_mutex);
    return current_options;
  }
  mutable std::mutex current_mutex;
  std::shared_ptr<const pricing::PriceBook> current_prices;
  std::shared_ptr<const GatewayOptions> current_options;

  // True where a model that costs nothing can be reached: only then does a paused cap still need
  // the body, to see which model it asks for.
  bool serves_free_models() const { return free_models.load(std::memory_order_relaxed); }
  void look_for_free_models();
  std::atomic<bool> free_models{false};

  // From the books, where memory no longer has it. Blocks: on a worker.
  std::optional<ResponseOwners::Owner> find_recorded_response(const std::string& response_id);

  // Runs blocking work on the workers and comes back to the io thread. False: too much is queued.
  boost::asio::awaitable<bool> run_on_worker(std::function<void()> work);

  void remember_refusal(const Id& request, Instant at, const identity::Principal* principal,
                        const store::Attribution& attribution, providers::Refusal refusal);

  // Hands a settle to the store, again and again until it is durable: a settle lost here would be a
  // hold that stays until the next start.
  // Waits until the store has answered all that was handed to it.
  void drain_store();
  void settle(boost::asio::io_context& io, store::SettleRequest request, Duration submitted);
  void after(boost::asio::io_context& io, Duration wait, std::function<void()> work);
};

}  // namespace purser::gateway
