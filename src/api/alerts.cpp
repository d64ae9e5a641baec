// What became of alerts on their way: those that failed or wait, trying again, and a sample.
#include "purser/alerts/channel.h"
#include "purser/alerts/dispatcher.h"

#include "handlers.h"
#include "page_cursor.h"
#include "purser/identity/names.h"

namespace purser::api {
namespace {

using alerts::DeliveryState;

constexpr const char* kMessagePrefix = "msg";
constexpr std::size_t kMostOffsetDigits = 9;

std::string_view name(DeliveryState state) {
  switch (state) {
    case DeliveryState::waiting:
      return "waiting";
    case DeliveryState::sent:
      return "sent";
    case DeliveryState::failed:
      return "failed";
  }
  return "";
}

Result<DeliveryState> parse_state(std::string_view text) {
  for (const auto state : {DeliveryState::waiting, DeliveryState::sent, DeliveryState::failed})
    if (name(state) == text) return state;
  return Error{"bad_query", "\"state\" is failed, waiting or sent."};
}

std::optional<Instant> instant_or_none(const store::Row& row, int column) {
  if (row.is_null(column)) return std::nullopt;
  return row.instant(column);
}

json::object delivery_json(const store::Row& row) {
  const auto state = static_cast<DeliveryState>(row.integer(5));
  boost::system::error_code failed;
  const auto body = json::parse(row.text(10), failed);
  json::value title = nullptr;
  if (!failed && body.is_object() && body.get_object().contains("title"))
    title = body.get_object().at("title");
  std::optional<Instant> next;
  if (state == DeliveryState::waiting) next = row.instant(7);
  return {{"message", id_json(kMessagePrefix, row.id(0))},
          {"type", row.text(1)},
          {"title", title},
          {"channel", row.text(2)},
          {"recipient", id_json(identity::kUserPrefix, row.id(3))},
          {"address", text_or_null(row.text(4))},
          {"state", name(state)},
          {"attempts", row.integer(6)},
          {"next_attempt_at", instant_json(next)},
          {"made_at", instant_json(row.instant(8))},
          {"ended_at", instant_json(instant_or_none(row, 9))},
          {"last_error", text_or_null(row.text(11))}};
}

alerts::Message sample(const Call& call) {
  alerts::Message message;
  Env& env = *call.services.env;
  message.id = make_id(env);
  message.type = "sample";
  message.at = call.store().ledger_now();
  message.title = "A sample from Purser: this channel works";
  message.paragraphs = {"Nothing has happened. " + call.who.user_name +
                        " asked Purser to send this, to see that its alerts arrive here."};
  message.facts = {{"Workspace", call.services.keys->directory()->workspace_name}};
  message.data = "{\"sample\":true}";
  message.pause_key = "sample-" + to_text(kMessagePrefix, message.id);
  return message;
}

}  // namespace

Result<Reply> list_alerts(Call& call) {
  const std::size_t limit = call.query.limit();
  // How many were shown: the list is short, and changes as one looks at it.
  const auto offset = parse_number_cursor(call.query.text("after"), 0, kMostOffsetDigits);
  const std::string wanted = call.query.text("state");
  if (auto query = call.query.finish(); !query) return query.error();
  if (!offset) return offset.error();
  const auto state = parse_state(wanted.empty() ? "failed" : wanted);
  if (!state) return state.error();
  return call.read([&](store::Sql& sql) -> Result<Reply> {
    json::array items;
    sql.each(
        "SELECT d.message, m.type, d.channel, d.recipient, d.address, d.state, d.attempts, "
        "d.next_attempt_at, d.made_at, d.ended_at, m.body, d.last_error FROM deliveries d JOIN "
        "messages m ON m.workspace = d.workspace AND m.id = d.message WHERE d.workspace = ?1 AND "
        "d.state = ?2 ORDER BY d.made_at DESC, d.message, d.channel, d.recipient LIMIT ?3 OFFSET "
        "?4",
        {call.workspace(), static_cast<int>(*state), static_cast<std::int64_t>(limit), *offset},
        [&](const store::Row& row) { items.push_back(delivery_json(row)); });
    const bool more = items.size() == limit;
    return page_reply(std::move(items),
                      more ? std::to_string(*offset + static_cast<std::int64_t>(limit)) : "");
  });
}

Result<Reply> retry_alerts(Call& call) {
  if (auto query = call.query.finish(); !query) return query.error();
  Body body(call.body);
  const auto message = body.text("message");
  if (auto read = body.finish(); !read) return read.error();
  std::optional<Id> only;
  if (message) {
    const auto id = parse_id(kMessagePrefix, *message);
    if (!id) return Error{"unknown_message", "There is no message " + message->substr(0, 60) + "."};
    only = *id;
  }
  std::int64_t count = 0;
  auto changed = call.store().change([&](store::Change& change) -> Result<void> {
    count = change.sql().run(
        "UPDATE deliveries SET state = 0, attempts = 0, made_at = ?3, next_attempt_at = ?3, "
        "ended_at = NULL WHERE workspace = ?1 AND state = 2 AND (?2 IS NULL OR message = ?2)",
        {change.workspace(), only, change.now()});
    change.audit({call.by.actor,
                  "alerts.retry",
                  message ? "message/" + *message : "alerts",
                  {},
                  json::serialize(json::object{{"deliveries", count}}),
                  call.by.reason});
    return {};
  });
  if (!changed) return changed.error();
  return Reply{json::object{{"retried", count}}};
}

Result<Reply> test_alerts(Call& call) {
  if (auto query = call.query.finish(); !query) return query.error();
  Body body(call.body);
  const std::string name = body.required_text("channel");
  if (auto read = body.finish(); !read) return read.error();
  std::string known;
  for (const alerts::ChannelConfig& channel : call.services.channels()) {
    known += (known.empty() ? "" : ", ") + channel.name;
    if (channel.name != name) continue;
    auto changed = call.store().change([&](store::Change& change) -> Result<void> {
      change.audit({call.by.actor, "alerts.test", "channel/" + name, {}, {}, call.by.reason});
      return {};
    });
    if (!changed) return changed.error();
    alerts::Message message = sample(call);
    const alerts::Recipient to =
        channel.to.empty()
            ? alerts::Recipient{call.who.user, call.who.user_name, call.who.user_email}
            : alerts::Recipient{{}, "", channel.to};
    auto result = alerts::send(*call.services.env, channel, message, to);
    // PagerDuty's incident of it is over at once.
    if (result.sent && channel.kind == alerts::ChannelKind::pagerduty) {
      message.pause_ended = true;
      result = alerts::send(*call.services.env, channel, message, to);
    }
    return Reply{json::object{
        {"channel", name}, {"sent", result.sent}, {"error", text_or_null(result.error)}}};
  }
  return Error{"unknown_channel", "There is no channel \"" + name.substr(0, 60) +
                                      "\". Channels are wired in purser.toml; there are: " +
                                      (known.empty() ? "none" : known) + "."};
}

}  // namespace purser::api
