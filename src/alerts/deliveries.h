// Messages and deliveries as rows.
#pragma once

#include "purser/alerts/dispatcher.h"
#include "purser/store/store.h"

namespace purser::alerts {

struct Planned {
  Message message;
  std::vector<Id> events;  // it is made of
  std::vector<Recipient> people;
  std::vector<std::string> teams;
  bool for_machines_only = false;  // people hear it in another message of the same command
};
// In one transaction: the message, what the inbox gets, who is to get it over which channel.
Result<void> save(store::Store& store, const std::vector<ChannelConfig>& channels,
                  const std::vector<Planned>& planned);

struct Delivery {
  Message message;
  Recipient recipient;
  std::int64_t attempts = 0;
  Instant made_at;
};
// The one that has been due for longest.
std::optional<Delivery> next_due(store::Sql& sql, const Id& workspace, const std::string& channel,
                                 Instant now);
// PagerDuty's incident is open or it is not, and tries may come late: one that would open it after
// the pause is over, or close it while the cap is paused anew, must not be sent.
bool is_overtaken(store::Sql& sql, const Id& workspace, const Message& message);
// Gives what has become of it.
Result<DeliveryState> record(store::Store& store, Env& env, const std::string& channel,
                             const Delivery& delivery, const SendResult& result);

// How long after a failed try the next one follows; `random` is 0 to 255.
Duration wait_before_try(std::int64_t attempts, std::uint8_t random,
                         std::optional<Duration> retry_after);

}  // namespace purser::alerts
