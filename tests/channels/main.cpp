// purser-channels: sends one message over one channel, or renders it, for tests/suites/channels.
// From stdin a JSON object:
//
//   {"channel": {"kind": "webhook", "url": "http://…", …}, "message": alerts::to_json's,
//    "recipient": {"name": "Ana", "address": "ana@example.org"}, "times": 1}
//
// To stdout a line of JSON for each of `times`: {"sent": …, "may_retry": …, "error": …,
// "retry_after_seconds": …}.
#include <boost/json.hpp>
#include <iostream>
#include <iterator>

#include "purser/alerts/channel.h"

namespace {

namespace json = boost::json;
using namespace purser;
using namespace purser::alerts;

std::string text(const json::object& from, const char* key) {
  const json::value* found = from.if_contains(key);
  return found != nullptr ? std::string(found->as_string()) : std::string();
}

ChannelConfig read_channel(const json::object& from) {
  ChannelConfig channel;
  channel.name = "test";
  channel.kind = parse_channel_kind(text(from, "kind")).value();
  channel.url = text(from, "url");
  channel.routing_key = text(from, "routing_key");
  channel.ca_file = text(from, "ca_file");
  channel.allow_private = from.contains("allow_private") && from.at("allow_private").as_bool();
  if (from.contains("timeout_seconds")) {
    channel.timeout = std::chrono::milliseconds(
        static_cast<std::int64_t>(from.at("timeout_seconds").to_number<double>() * 1000));
  }
  if (from.contains("secrets")) {
    for (const json::value& secret : from.at("secrets").as_array()) {
      channel.secrets.emplace_back(secret.as_string());
    }
  }
  if (channel.kind == ChannelKind::email) {
    channel.smtp.host = text(from, "host");
    channel.smtp.port = from.at("port").to_number<std::uint16_t>();
    channel.smtp.security = parse_smtp_security(text(from, "security")).value();
    channel.smtp.user = text(from, "user");
    channel.smtp.password = text(from, "password");
    const Recipient sender = parse_mailbox(text(from, "from")).value();
    channel.smtp.from_name = sender.name;
    channel.smtp.from_address = sender.address;
  }
  return channel;
}

json::value to_value(const SendResult& result) {
  json::object out{{"sent", result.sent}, {"may_retry", result.may_retry}, {"error", result.error}};
  out["retry_after_seconds"] = nullptr;
  if (result.retry_after) {
    out["retry_after_seconds"] =
        std::chrono::duration_cast<std::chrono::seconds>(*result.retry_after).count();
  }
  return out;
}

}  // namespace

int main() {
  try {
    const std::string input{std::istreambuf_iterator<char>(std::cin), {}};
    const json::value order = json::parse(input);
    const ChannelConfig channel = read_channel(order.at("channel").as_object());
    const Message message = read_message(json::serialize(order.at("message"))).value();
    Recipient recipient;
    if (const json::value* to = order.as_object().if_contains("recipient")) {
      recipient.name = text(to->as_object(), "name");
      recipient.address = text(to->as_object(), "address");
    }
    const json::value* times = order.as_object().if_contains("times");
    for (int left = times != nullptr ? times->to_number<int>() : 1; left > 0; --left) {
      std::cout << to_value(send(system_env(), channel, message, recipient)) << std::endl;
    }
    return 0;
  } catch (const std::exception& problem) {
    std::cerr << "purser-channels: " << problem.what() << "\n";
    return 2;
  }
}
