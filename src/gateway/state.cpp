#include "state.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <thread>

#include "awaitables.h"

namespace purser::gateway {
namespace {

constexpr auto kSettleRetryDelay = std::chrono::milliseconds(20);

void settle_later(GatewayState* state, boost::asio::io_context& io, store::SettleRequest request,
                  Duration submitted) {
  state->after(io, kSettleRetryDelay,
               [state, &io, request = std::move(request), submitted]() mutable {
                 state->settle(io, std::move(request), submitted);
               });
}

}  // namespace

void ResponseOwners::add(const std::string& response_id, const Owner& owner) {
  const std::scoped_lock lock(mutex_);
  if (!owners_.emplace(response_id, owner).second) return;
  order_.push_back(response_id);
  if (order_.size() <= capacity_) return;
  owners_.erase(order_.front());
  order_.pop_front();
}

std::optional<ResponseOwners::Owner> ResponseOwners::find(const std::string& response_id) const {
  const std::scoped_lock lock(mutex_);
  const auto found = owners_.find(response_id);
  return found == owners_.end() ? std::nullopt : std::optional<Owner>(found->second);
}

GatewayState::GatewayState(GatewayOptions o, GatewayServices s)
    : store(s.store),
      keys(s.keys),
      env(s.env),
      on_end(std::move(s.on_end)),
      prefixes(o.prefix_entries),
      responses(o.prefix_entries),
      refusals(o.refusals_kept),
      worker_queue(o.worker_queue),
      seams(std::move(s.seams)),
      workers(seams.workers ? seams.workers : own_workers.emplace(o.worker_threads).get_executor()),
      current_prices(std::move(s.prices)),
      current_options(std::make_shared<const GatewayOptions>(std::move(o))) {
  look_for_free_models();
}

void GatewayState::look_for_free_models() {
  bool any = false;
  const auto in_force = options();
  for (const pricing::PriceBook::Entry& entry : prices()->list(env->utc_now())) {
    if (!entry.price.is_free()) continue;
    for (const ProviderEntry& provider : in_force->providers)
      any = any || (provider.price_as == entry.price.provider &&
                    (!provider.needs_key || !provider.api_key.empty()));
  }
  free_models.store(any, std::memory_order_relaxed);
}

std::optional<ResponseOwners::Owner> GatewayState::find_recorded_response(
    const std::string& response_id) {
  std::optional<ResponseOwners::Owner> owner;
  store->read([&](store::Sql& sql) {
    sql.each(
        "SELECT user, input_tokens + cached_input_tokens + cache_write_5m_tokens + "
        "cache_write_1h_tokens + output_tokens FROM usages WHERE workspace = ?1 AND "
        "provider_request_id = ?2 AND format = 'openai_responses'",
        {store->workspace(), response_id}, [&](const store::Row& row) {
          owner = ResponseOwners::Owner{row.id(0), row.integer(1)};
        });
  });
  return owner;
}

void GatewayState::remember_refusal(const Id& request, Instant at,
                                    const identity::Principal* principal,
                                    const store::Attribution& attribution,
                                    providers::Refusal refusal) {
  KeptRefusal kept;
  kept.at = at;
  kept.provider = attribution.provider;
  kept.model = attribution.asked_model;
  kept.status = refusal.status;
  kept.code = std::move(refusal.code);
  kept.message = std::move(refusal.message);
  kept.details = refusal.details.take();
  if (principal != nullptr) {
    kept.user = principal->user;
    kept.key = principal->key;
  }
  refusals.add(request, std::move(kept));
}

boost::asio::awaitable<bool> GatewayState::run_on_worker(std::function<void()> work) {
  const QueuePlace place(queued_work, worker_queue);
  if (!place.ok()) co_return false;
  co_await run_on(workers, std::move(work));
  co_return true;
}

void GatewayState::drain_store() {
  // What is queued behind everything else is answered after it. A store that cannot write has
  // answered all the same; a full queue takes nothing more until it has become shorter.
  const auto nothing = [](store::Change&) -> Result<void> { return {}; };
  while (!store->change(nothing).ok() && store->counters().queue_length > 0)
    std::this_thread::yield();
}

void GatewayState::after(boost::asio::io_context& io, Duration wait, std::function<void()> work) {
  if (seams.after) return seams.after(io, wait, std::move(work));
  auto timer = std::make_shared<boost::asio::steady_timer>(io, wait);
  timer->async_wait([work = std::move(work), timer](const boost::system::error_code&) { work(); });
}

void GatewayState::settle(boost::asio::io_context& io, store::SettleRequest request,
                          Duration submitted) {
  // Kept for another try, which is rare: once, however often the completion is copied.
  const auto kept = std::make_shared<const store::SettleRequest>(std::move(request));
  const auto completion = [this, &io, kept, submitted](store::CommandResult&& result) {
    if (result.status != store::StoreStatus::not_durable || closing.load()) {
      metrics.settle_seconds.observe(Metrics::seconds(env->boot_now() - submitted));
      return;
    }
    metrics.settle_retries.fetch_add(1, std::memory_order_relaxed);
    boost::asio::post(io,
                      [this, &io, kept, submitted] { settle_later(this, io, *kept, submitted); });
  };
  if (store->submit(*kept, completion) || closing.load()) return;
  metrics.settle_retries.fetch_add(1, std::memory_order_relaxed);
  settle_later(this, io, *kept, submitted);
}

}  // namespace purser::gateway
