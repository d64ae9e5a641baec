// Which channel renders and sends how.
#include "purser/alerts/channel.h"

#include <fmt/format.h>

#include "http_sender.h"
#include "pagerduty.h"
#include "slack.h"
#include "smtp_sender.h"
#include "teams.h"
#include "webhook.h"

namespace purser::alerts {

SendResult send(Env& env, const ChannelConfig& channel, const Message& message,
                const Recipient& recipient) {
  if (!carries(channel, message)) {
    return {
        false,
        false,
        fmt::format("channel \"{}\": PagerDuty hears of pauses and their ends only", channel.name),
        {}};
  }
  switch (channel.kind) {
    case ChannelKind::email:
      return send_email(env, channel, message, recipient);
    case ChannelKind::slack:
      return post(env, channel, slack_post(message));
    case ChannelKind::teams:
      return post(env, channel, teams_post(message));
    case ChannelKind::pagerduty:
      return post(env, channel, pagerduty_post(channel, message));
    case ChannelKind::webhook:
      return post(env, channel, webhook_post(channel, message, env.utc_now()));
  }
  PURSER_ASSERT(false);
}

}  // namespace purser::alerts
