// A POST of JSON to a channel's URL, and what its answer means for the delivery:
//
//   2xx                        sent, where it is the answer that the receiver is known to give
//   408, 425, 429, 5xx, none   not sent, may be tried again; Retry-After is honoured, to a day
//   3xx                        not sent: redirects are never followed
//   other 4xx                  not sent: the receiver will say the same again
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "purser/alerts/channel.h"

namespace purser::alerts {

struct HttpPost {
  std::string body;
  std::vector<std::pair<std::string, std::string>> headers;  // beside Content-Type
  long expected_status = 0;                                  // 0: any 2xx
  std::string expected_answer;                               // how it begins; empty: anything
};

SendResult post(Env& env, const ChannelConfig& channel, const HttpPost& request);

// The table above, for an answer that came. `answer` is its beginning.
SendResult judge_answer(const ChannelConfig& channel, const HttpPost& request, long status,
                        std::string_view answer);

// "120" or an HTTP date; what is neither is none. From 0 to a day.
std::optional<Duration> read_retry_after(std::string_view value, Instant now);

}  // namespace purser::alerts
