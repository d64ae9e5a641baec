#include "smtp_sender.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

#include "email.h"
#include "text.h"
#include "transfer.h"

namespace purser::alerts {

namespace {

struct Unsent {
  std::string_view bytes;
};

std::size_t give_body(char* target, std::size_t size, std::size_t count, void* source) {
  auto* unsent = static_cast<Unsent*>(source);
  const std::size_t bytes = std::min(size * count, unsent->bytes.size());
  std::memcpy(target, unsent->bytes.data(), bytes);
  unsent->bytes.remove_prefix(bytes);
  return bytes;
}

void set_server(CURL* curl, const SmtpConfig& smtp, Duration timeout) {
  const bool is_ipv6 = smtp.host.find(':') != std::string::npos;
  const std::string url =
      fmt::format("{}://{}:{}", smtp.security == SmtpSecurity::tls ? "smtps" : "smtp",
                  is_ipv6 ? "[" + smtp.host + "]" : smtp.host, smtp.port);
  curl_easy_setopt(curl, CURLOPT_URL, url.c_str());
  // For curl an SMTP connection is made once the greeting and the login are done.
  curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS, milliseconds(timeout));
  curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "smtp,smtps");
  curl_easy_setopt(
      curl, CURLOPT_USE_SSL,
      static_cast<long>(smtp.security == SmtpSecurity::none ? CURLUSESSL_NONE : CURLUSESSL_ALL));
  if (!smtp.user.empty()) {
    curl_easy_setopt(curl, CURLOPT_USERNAME, smtp.user.c_str());
    curl_easy_setopt(curl, CURLOPT_PASSWORD, smtp.password.c_str());
  }
}

SendResult judge_reply(const ChannelConfig& channel, long reply, std::string_view where,
                       std::string_view said) {
  const std::string text = shorten(one_line(said), 200);
  return {false,
          reply < 500,
          fmt::format("channel \"{}\": the mail server {} {} ({}{}{})", channel.name,
                      reply < 500 ? "put off" : "refused", where, reply, text.empty() ? "" : ": ",
                      text),
          {}};
}

}  // namespace

SendResult send_email(Env& env, const ChannelConfig& channel, const Message& message,
                      const Recipient& recipient) {
  if (!is_mail_address(recipient.address)) {
    return {false,
            false,
            fmt::format("channel \"{}\": \"{}\" is not an address that mail can be sent to",
                        channel.name, shorten(one_line(recipient.address), 100)),
            {}};
  }
  const std::string mail = render_email(channel.smtp, message, recipient, env.utc_now());
  Unsent unsent{mail};
  Transfer transfer(channel);
  CURL* curl = transfer.handle();
  set_server(curl, channel.smtp, channel.timeout);
  curl_easy_setopt(curl, CURLOPT_MAIL_FROM, fmt::format("<{}>", channel.smtp.from_address).c_str());
  transfer.append(CURLOPT_MAIL_RCPT, fmt::format("<{}>", recipient.address));
  curl_easy_setopt(curl, CURLOPT_READFUNCTION, give_body);
  curl_easy_setopt(curl, CURLOPT_READDATA, &unsent);
  curl_easy_setopt(curl, CURLOPT_UPLOAD, 1L);

  const CURLcode code = transfer.perform();
  if (code == CURLE_OK) return {true, false, {}, {}};
  const long reply = transfer.status();
  if (code == CURLE_LOGIN_DENIED) {
    return judge_reply(channel, reply, "the `user` and `password`", transfer.last_line());
  }
  if (code == CURLE_USE_SSL_FAILED) {
    return {false,
            false,
            fmt::format("channel \"{}\": the mail server offers no STARTTLS, and nothing is sent "
                        "unencrypted; set `security` to what it offers",
                        channel.name),
            {}};
  }
  if (reply >= 400 && reply < 600) {
    return judge_reply(channel, reply, "the message", transfer.last_line());
  }
  return transfer.failure(code);
}

}  // namespace purser::alerts
