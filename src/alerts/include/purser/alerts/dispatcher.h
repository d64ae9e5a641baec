// From the outbox to people: makes messages of what happened, says who is to hear of them and over
// which channels, sends, and tries again.
//
// An event becomes a message (several crossings of one cap by one command become one), and the
// message becomes deliveries: one for each person and e-mail channel, one for each other channel
// that wants it. All of that is written in one transaction, so that a restart goes on where the
// last process ended. Each channel has a thread of its own: a slow receiver delays no other, and
// none delays a request. A delivery is marked after it was sent; a crash between the two sends it
// again, with the same id.
//
// Tries: after 30 s, then twice as long each time up to an hour, give or take a fifth; not before a
// receiver's Retry-After; for a day. Then, and at once where trying again cannot help, a delivery
// has failed: `purser alerts failed` lists it, `purser alerts retry` begins anew.
//
// Who hears: of a user's cap that user (a service account's person), the leads of their teams and
// the admins; of a team's its leads and the admins; of any other the admins, and whose key,
// membership or task it is; finance too where the setting finance_alerts is on. Each of them finds
// it in the inbox of the API as well.
//
// Threading: start and stop from one thread; `set_channels` from any.
//
//   Dispatcher dispatcher(store, env, std::move(options));
//   dispatcher.start();
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "purser/alerts/channel.h"
#include "purser/store/store.h"

namespace purser::alerts {

// The numbers are stored; never change them.
enum class DeliveryState : std::uint8_t { waiting = 0, sent = 1, failed = 2 };

struct DispatcherOptions {
  std::vector<ChannelConfig> channels;
  // Calls the channel; a test puts its own in place.
  std::function<SendResult(const ChannelConfig&, const Message&, const Recipient&)> send;
  // As people call a scope: "engineering", "ana@example.com".
  std::function<std::string(store::Sql&, const Id& workspace, const ledger::Scope&)> scope_name;
  // Of Purser's pages, for links: "https://purser.example.com". May be empty, as may what it says.
  std::function<std::string()> base_url = nullptr;
  // What else time brings about, every ten seconds; may be empty. Bounded, and without exceptions
  // but the store's.
  std::function<void()> every_round = nullptr;
};

class Dispatcher {
 public:
  Dispatcher(store::Store& store, Env& env, DispatcherOptions options);
  ~Dispatcher();  // stops
  Dispatcher(const Dispatcher&) = delete;
  Dispatcher& operator=(const Dispatcher&) = delete;

  void start();
  void stop();
  void set_channels(std::vector<ChannelConfig> channels);
  std::vector<ChannelConfig> channels() const;

  // For tests on one thread: how many messages were made of a round's events, and how many
  // deliveries of a channel were due and tried.
  std::size_t plan_once();
  std::size_t deliver_once(const std::string& channel);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace purser::alerts
