// One e-mail to one recipient over SMTP, through libcurl. A reply of 4xx may be tried again, one of
// 5xx (a refused password, an unknown recipient) may not. With `starttls` a server that does not
// offer it is refused; nothing is ever sent unencrypted but with `none`.
#pragma once

#include "purser/alerts/channel.h"

namespace purser::alerts {

SendResult send_email(Env& env, const ChannelConfig& channel, const Message& message,
                      const Recipient& recipient);

}  // namespace purser::alerts
