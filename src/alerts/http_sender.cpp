#include "http_sender.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "text.h"
#include "transfer.h"

namespace purser::alerts {

namespace {

constexpr Duration kMostRetryAfter = std::chrono::hours{24};

bool may_mend_itself(long status) {
  return status == 408 || status == 425 || status == 429 || status >= 500;
}

std::string quote_answer(std::string_view answer) {
  const std::string text = shorten(one_line(answer), 200);
  return text.empty() ? std::string() : fmt::format(": \"{}\"", text);
}

}  // namespace

SendResult judge_answer(const ChannelConfig& channel, const HttpPost& request, long status,
                        std::string_view answer) {
  if (status >= 200 && status < 300) {
    const bool as_expected = (request.expected_status == 0 || request.expected_status == status) &&
                             answer.starts_with(request.expected_answer);
    if (as_expected) return {true, false, {}, {}};
    return {false,
            false,
            fmt::format("channel \"{}\": what answers at its `url` is not {} (status {}{}); check "
                        "the URL",
                        channel.name, name(channel.kind), status, quote_answer(answer)),
            {}};
  }
  if (status >= 300 && status < 400) {
    return {false,
            false,
            fmt::format("channel \"{}\": its `url` answered with a redirect ({}), and redirects "
                        "are not followed; set `url` to where it leads",
                        channel.name, status),
            {}};
  }
  return {false,
          may_mend_itself(status),
          fmt::format("channel \"{}\": the receiver answered {}{}", channel.name, status,
                      quote_answer(answer)),
          {}};
}

std::optional<Duration> read_retry_after(std::string_view value, Instant now) {
  std::int64_t seconds = 0;
  const char* end = value.data() + value.size();
  const auto [stop, error] = std::from_chars(value.data(), end, seconds);
  const bool is_number = !value.empty() && stop == end && value.front() != '-';
  if (is_number && error == std::errc::result_out_of_range) return kMostRetryAfter;
  if (!is_number || error != std::errc{}) {
    const time_t date = curl_getdate(std::string(value).c_str(), nullptr);
    if (date < 0) return std::nullopt;
    seconds =
        date - std::chrono::duration_cast<std::chrono::seconds>(now.time_since_epoch()).count();
  }
  const std::int64_t most =
      std::chrono::duration_cast<std::chrono::seconds>(kMostRetryAfter).count();
  return std::chrono::seconds{std::clamp<std::int64_t>(seconds, 0, most)};
}

SendResult post(Env& env, const ChannelConfig& channel, const HttpPost& request) {
  Transfer transfer(channel);
  CURL* curl = transfer.handle();
  curl_easy_setopt(curl, CURLOPT_URL, channel.url.c_str());
  curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(curl, CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
  curl_easy_setopt(curl, CURLOPT_USERAGENT, "purser");
  curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request.body.size()));
  curl_easy_setopt(curl, CURLOPT_POSTFIELDS, request.body.c_str());
  transfer.append(CURLOPT_HTTPHEADER, "Content-Type: application/json");
  transfer.append(CURLOPT_HTTPHEADER, "Expect:");  // no round trip before a body
  for (const auto& [key, value] : request.headers) {
    transfer.append(CURLOPT_HTTPHEADER, key + ": " + value);
  }
  const CURLcode code = transfer.perform();
  const long status = transfer.status();
  // An answer that was too long, too slow or cut short has said its status all the same.
  if (code != CURLE_OK && status < 200) return transfer.failure(code);
  SendResult result = judge_answer(channel, request, status, transfer.answer());
  if (result.may_retry)
    result.retry_after = read_retry_after(transfer.retry_after(), env.utc_now());
  return result;
}

}  // namespace purser::alerts
