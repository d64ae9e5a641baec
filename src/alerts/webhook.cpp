#include "webhook.h"

#include <fmt/format.h>
#include <sodium.h>

#include <array>

#include "purser/base/text.h"

namespace purser::alerts {

namespace {

constexpr std::size_t kPrefixBytes = 6;  // "whsec_"

std::string sign(std::string_view secret, std::string_view content) {
  std::array<unsigned char, 64> key{};
  std::size_t key_bytes = 0;
  const std::string_view encoded = secret.substr(kPrefixBytes);
  sodium_base642bin(key.data(), key.size(), encoded.data(), encoded.size(), nullptr, &key_bytes,
                    nullptr, sodium_base64_VARIANT_ORIGINAL);
  crypto_auth_hmacsha256_state state;
  crypto_auth_hmacsha256_init(&state, key.data(), key_bytes);
  crypto_auth_hmacsha256_update(&state, reinterpret_cast<const unsigned char*>(content.data()),
                                content.size());
  std::array<unsigned char, crypto_auth_hmacsha256_BYTES> mac{};
  crypto_auth_hmacsha256_final(&state, mac.data());
  sodium_memzero(key.data(), key.size());
  std::array<char, sodium_base64_ENCODED_LEN(mac.size(), sodium_base64_VARIANT_ORIGINAL)> text{};
  return std::string("v1,") + sodium_bin2base64(text.data(), text.size(), mac.data(), mac.size(),
                                                sodium_base64_VARIANT_ORIGINAL);
}

}  // namespace

std::string webhook_body(const Message& message) {
  return fmt::format(R"({{"type":{},"timestamp":{},"data":{}}})", quote_json(message.type),
                     quote_json(format_instant(message.at)),
                     message.data.empty() ? "{}" : message.data);
}

std::string webhook_signature(const std::vector<std::string>& secrets, std::string_view id,
                              std::int64_t timestamp_seconds, std::string_view body) {
  const std::string content = fmt::format("{}.{}.{}", id, timestamp_seconds, body);
  std::string out;
  for (const std::string& secret : secrets) {
    if (!is_webhook_secret(secret)) continue;  // the reader of the configuration refuses these
    out += (out.empty() ? "" : " ") + sign(secret, content);
  }
  return out;
}

HttpPost webhook_post(const ChannelConfig& channel, const Message& message, Instant now) {
  // Of the attempt, so that a receiver can refuse what is replayed; the event's own is in the body.
  const std::int64_t seconds =
      std::chrono::duration_cast<std::chrono::seconds>(now.time_since_epoch()).count();
  const std::string id = to_text("msg", message.id);
  HttpPost request;
  request.body = webhook_body(message);
  request.headers = {
      {"webhook-id", id},
      {"webhook-timestamp", std::to_string(seconds)},
      {"webhook-signature", webhook_signature(channel.secrets, id, seconds, request.body)}};
  return request;
}

}  // namespace purser::alerts
