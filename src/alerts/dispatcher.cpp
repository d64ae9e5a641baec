#include "purser/alerts/dispatcher.h"

#include <algorithm>
#include <condition_variable>
#include <cstdio>
#include <mutex>
#include <thread>

#include "audience.h"
#include "compose.h"
#include "deliveries.h"
#include "housekeeping.h"
#include "told_together.h"

namespace purser::alerts {
namespace {

constexpr std::size_t kEventsAtOnce = 64;
// How long until a thread that had nothing to do looks again.
constexpr auto kPause = std::chrono::milliseconds(500);
constexpr Duration kHousekeepingEvery = std::chrono::seconds{10};

}  // namespace

struct Dispatcher::State {
  State(store::Store& used, Env& environment, DispatcherOptions given)
      : store(used), env(environment), options(std::move(given)), housekeeping(used, environment) {}

  store::Store& store;
  Env& env;
  DispatcherOptions options;
  Housekeeping housekeeping;
  mutable std::mutex mutex;
  std::condition_variable wake;
  bool running = false;
  std::vector<std::thread> threads;

  std::vector<ChannelConfig> channels() const {
    const std::scoped_lock lock(mutex);
    return options.channels;
  }

  std::size_t plan() {
    std::vector<Planned> planned;
    store.read([&](store::Sql& sql) {
      const auto groups = unplanned_events(sql, store.workspace(), kEventsAtOnce);
      if (groups.empty()) return;
      const auto calendar = store.calendar();
      const ComposeContext context{sql, store.workspace(), *calendar, options.scope_name,
                                   options.base_url ? options.base_url() : std::string()};
      for (const auto& group : groups) {
        Planned& one = planned.emplace_back();
        one.message = compose(context, group);
        for (const StoredEvent& event : group) one.events.push_back(event.id);
        one.people = audience_of(sql, store.workspace(), group.front());
        one.teams = teams_of(sql, store.workspace(), group.front().scope);
      }
      tell_together(groups, planned);
    });
    if (planned.empty()) return 0;
    const auto saved = save(store, channels(), planned);
    return saved ? planned.size() : 0;
  }

  // One, so that a stop waits for one receiver at most. False: none is due, or it is not on record.
  bool deliver(const ChannelConfig& channel) {
    std::optional<Delivery> found;
    bool overtaken = false;
    store.read([&](store::Sql& sql) {
      found = next_due(sql, store.workspace(), channel.name, store.ledger_now());
      overtaken = found && channel.kind == ChannelKind::pagerduty &&
                  is_overtaken(sql, store.workspace(), found->message);
    });
    if (!found) return false;
    if (overtaken)
      return record(store, env, channel.name, *found,
                    {true, false, "Not sent: the pause had changed again by then.", {}})
          .ok();
    const SendResult result = options.send(channel, found->message, found->recipient);
    const auto state = record(store, env, channel.name, *found, result);
    if (state && *state == DeliveryState::failed)
      std::fprintf(stderr, "purser: alerts: %s gave up on %s (%s): %s\n", channel.name.c_str(),
                   to_text("msg", found->message.id).c_str(), found->message.type.c_str(),
                   result.error.c_str());
    return state.ok();
  }

  // Runs `work` until it has nothing to do, then waits; whatever it throws is told, and tried
  // again.
  template <typename Work>
  void loop(const Work& work) {
    while (true) {
      bool was_busy = false;
      try {
        was_busy = work();
      } catch (const std::exception& error) {
        std::fprintf(stderr, "purser: alerts: %s\n", error.what());
      }
      std::unique_lock lock(mutex);
      if (!running) return;
      if (!was_busy) wake.wait_for(lock, kPause, [&] { return !running; });
      if (!running) return;
    }
  }

  void start() {
    const std::scoped_lock lock(mutex);
    running = true;
    threads.emplace_back([this] {
      Duration next{0};
      loop([&] {
        if (env.boot_now() >= next) {
          next = env.boot_now() + kHousekeepingEvery;
          housekeeping.run();
          if (options.every_round) options.every_round();
        }
        return plan() > 0;
      });
    });
    for (const ChannelConfig& channel : options.channels)
      threads.emplace_back([this, channel] { loop([&] { return deliver(channel); }); });
  }

  void stop() {
    std::vector<std::thread> ending;
    {
      const std::scoped_lock lock(mutex);
      running = false;
      ending.swap(threads);
    }
    wake.notify_all();
    for (std::thread& thread : ending) thread.join();
  }
};

Dispatcher::Dispatcher(store::Store& store, Env& env, DispatcherOptions options)
    : state_(std::make_unique<State>(store, env, std::move(options))) {}

Dispatcher::~Dispatcher() { stop(); }

void Dispatcher::start() { state_->start(); }

void Dispatcher::stop() { state_->stop(); }

void Dispatcher::set_channels(std::vector<ChannelConfig> channels) {
  bool was_running = false;
  {
    const std::scoped_lock lock(state_->mutex);
    was_running = state_->running;
  }
  state_->stop();
  {
    const std::scoped_lock lock(state_->mutex);
    state_->options.channels = std::move(channels);
  }
  if (was_running) state_->start();
}

std::vector<ChannelConfig> Dispatcher::channels() const { return state_->channels(); }

std::size_t Dispatcher::plan_once() {
  state_->housekeeping.run();
  return state_->plan();
}

std::size_t Dispatcher::deliver_once(const std::string& channel) {
  std::size_t tried = 0;
  for (const ChannelConfig& each : channels())
    if (each.name == channel)
      while (state_->deliver(each)) ++tried;
  return tried;
}

}  // namespace purser::alerts
