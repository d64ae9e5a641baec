#include "deliveries.h"

#include <algorithm>
#include <cctype>

#include "audience.h"

namespace purser::alerts {
namespace {

constexpr Duration kFirstWait = std::chrono::seconds{30};
constexpr Duration kLongestWait = std::chrono::hours{1};
constexpr Duration kLongestTry = std::chrono::hours{24};
constexpr std::size_t kMaxErrorBytes = 500;
constexpr std::int64_t kInboxKept = 1000;  // of a user

// Of a person; a channel that many read keeps all.
void keep_links_for(bool is_admin, Message& message) {
  std::erase_if(message.links, [&](const Link& link) {
    return link.whom == (is_admin ? LinkFor::others : LinkFor::admins);
  });
}

std::string folded(std::string text) {
  for (char& c : text) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return text;
}

bool concerns(const ChannelConfig& channel, const Planned& planned) {
  if (channel.teams.empty()) return true;
  return std::any_of(channel.teams.begin(), channel.teams.end(), [&](const std::string& wanted) {
    return std::any_of(planned.teams.begin(), planned.teams.end(),
                       [&](const std::string& team) { return folded(wanted) == folded(team); });
  });
}

// The daily head of the audit trail goes only where it is asked for by name.
bool wants_it(const ChannelConfig& channel, const Message& message) {
  if (channel.events.empty() && message.type == type_of(store::EventKind::audit_head)) return false;
  return wants(channel, message.type) && carries(channel, message);
}

void add_delivery(store::Change& change, const Message& message, const std::string& channel,
                  const Recipient& to, Instant due) {
  change.sql().run(
      "INSERT OR IGNORE INTO deliveries (workspace, message, channel, recipient, address, state, "
      "attempts, made_at, next_attempt_at, last_error) VALUES (?1, ?2, ?3, ?4, ?5, 0, 0, ?6, ?7, "
      "'')",
      {change.workspace(), message.id, channel, to.user, to.address, change.now(), due});
}

void put_into_inbox(store::Change& change, const Message& message, const Recipient& person) {
  change.sql().run(
      "INSERT OR IGNORE INTO inbox (workspace, user, message, made_at) VALUES (?1, ?2, ?3, ?4)",
      {change.workspace(), person.user, message.id, message.at});
  change.sql().run(
      "DELETE FROM inbox WHERE workspace = ?1 AND user = ?2 AND made_at < (SELECT MIN(made_at) "
      "FROM "
      "(SELECT made_at FROM inbox WHERE workspace = ?1 AND user = ?2 ORDER BY made_at DESC LIMIT "
      "?3))",
      {change.workspace(), person.user, kInboxKept});
}

// The crossings that a change has ended; those that time ends are marked as they are announced.
void note_pause_over(store::Change& change, const Id& event) {
  change.sql().run(
      "UPDATE outbox SET pause_over = 1 WHERE workspace = ?1 AND kind = 0 AND percent = 100 AND "
      "pause_over = 0 AND (cap, cycle_start) = (SELECT cap, cycle_start FROM outbox WHERE "
      "workspace "
      "= ?1 AND id = ?2) AND sequence <= (SELECT sequence FROM outbox WHERE workspace = ?1 AND id "
      "= "
      "?2)",
      {change.workspace(), event});
}

void save_one(store::Change& change, const std::vector<ChannelConfig>& channels,
              const Planned& planned, Instant due) {
  const Message& message = planned.message;
  change.sql().run(
      "INSERT OR IGNORE INTO messages (workspace, id, type, made_at, body) VALUES (?1, ?2, ?3, ?4, "
      "?5)",
      {change.workspace(), message.id, message.type, message.at, to_json(message)});
  const bool is_head = message.type == type_of(store::EventKind::audit_head);
  if (!planned.for_machines_only && !is_head)
    for (const Recipient& person : planned.people) put_into_inbox(change, message, person);
  for (const ChannelConfig& channel : channels) {
    if (!wants_it(channel, message) || !concerns(channel, planned)) continue;
    if (!channel.to.empty()) {
      if (!planned.for_machines_only || !channel.events.empty())
        add_delivery(change, message, channel.name, {{}, "", channel.to}, due);
    } else if (channel.kind == ChannelKind::email) {
      if (planned.for_machines_only) continue;
      for (const Recipient& person : planned.people)
        add_delivery(change, message, channel.name, person, due);
    } else if (!planned.for_machines_only || channel.kind == ChannelKind::webhook ||
               channel.kind == ChannelKind::pagerduty || !channel.events.empty()) {
      // A chat that asks for certain events may not get the message in which it is told too.
      add_delivery(change, message, channel.name, {}, due);
    }
  }
  for (const Id& event : planned.events) {
    if (message.pause_ended) note_pause_over(change, event);
    change.sql().run("UPDATE outbox SET planned_at = ?3 WHERE workspace = ?1 AND id = ?2",
                     {change.workspace(), event, change.now()});
  }
}

}  // namespace

Result<void> save(store::Store& store, const std::vector<ChannelConfig>& channels,
                  const std::vector<Planned>& planned) {
  return store.change([&](store::Change& change) -> Result<void> {
    // All are due, the earlier ones for longer: they leave in the order in which it happened.
    Instant due = change.now() - Duration{static_cast<std::int64_t>(planned.size())};
    for (const Planned& one : planned) {
      save_one(change, channels, one, due);
      due += Duration{1};
    }
    return {};
  });
}

std::optional<Delivery> next_due(store::Sql& sql, const Id& workspace, const std::string& channel,
                                 Instant now) {
  std::optional<Delivery> found;
  sql.each(
      "SELECT d.recipient, COALESCE(u.name, ''), d.address, d.attempts, d.made_at, m.body, u.role "
      "FROM "
      "deliveries d JOIN messages m ON m.workspace = d.workspace AND m.id = d.message LEFT JOIN "
      "users u ON u.workspace = d.workspace AND u.id = d.recipient WHERE d.workspace = ?1 AND "
      "d.state = 0 AND d.next_attempt_at <= ?3 AND d.channel = ?2 ORDER BY d.next_attempt_at LIMIT "
      "1",
      {workspace, channel, now}, [&](const store::Row& row) {
        auto message = read_message(row.text(5));
        if (!message) return;
        if (!row.is_null(6)) keep_links_for(row.integer(6) == kAdminRole, *message);
        found = Delivery{std::move(*message),
                         {row.id(0), std::string(row.text(1)), std::string(row.text(2))},
                         row.integer(3),
                         row.instant(4)};
      });
  return found;
}

bool is_overtaken(store::Sql& sql, const Id& workspace, const Message& message) {
  if (message.pause_key.empty()) return false;
  bool found = false;
  sql.each(message.pause_ended
               ? "SELECT 1 FROM outbox e JOIN outbox o ON o.workspace = e.workspace AND o.cap = "
                 "e.cap AND o.cycle_start = e.cycle_start WHERE e.workspace = ?1 AND e.id = ?2 AND "
                 "o.kind = 0 AND o.percent = 100 AND o.pause_over = 0 LIMIT 1"
               : "SELECT 1 FROM outbox WHERE workspace = ?1 AND id = ?2 AND pause_over = 1",
           {workspace, message.id}, [&](const store::Row&) { found = true; });
  return found;
}

Duration wait_before_try(std::int64_t attempts, std::uint8_t random,
                         std::optional<Duration> retry_after) {
  Duration wait = kFirstWait;
  for (std::int64_t i = 1; i < attempts && wait < kLongestWait; ++i) wait *= 2;
  wait = std::min(wait, kLongestWait);
  // A fifth less to a fifth more, so that what failed together does not come back together.
  wait = wait * 4 / 5 + wait * 2 / 5 * random / 255;
  return std::max(wait, std::min(retry_after.value_or(Duration{0}), kLongestTry));
}

Result<DeliveryState> record(store::Store& store, Env& env, const std::string& channel,
                             const Delivery& delivery, const SendResult& result) {
  DeliveryState state = DeliveryState::waiting;
  auto changed = store.change([&](store::Change& change) -> Result<void> {
    const Instant now = change.now();
    const std::int64_t attempts = delivery.attempts + 1;
    std::uint8_t random = 0;
    env.random_bytes({&random, 1});
    const Instant next = now + wait_before_try(attempts, random, result.retry_after);
    state = DeliveryState::waiting;
    if (result.sent)
      state = DeliveryState::sent;
    else if (!result.may_retry || next > delivery.made_at + kLongestTry)
      state = DeliveryState::failed;
    std::optional<Instant> ended;
    if (state != DeliveryState::waiting) ended = now;
    change.sql().run(
        "UPDATE deliveries SET state = ?5, attempts = ?6, next_attempt_at = ?7, ended_at = ?8, "
        "last_error = ?9 WHERE workspace = ?1 AND message = ?2 AND channel = ?3 AND recipient = ?4",
        {change.workspace(), delivery.message.id, channel, delivery.recipient.user,
         static_cast<int>(state), attempts, next, ended,
         std::string_view(result.error).substr(0, kMaxErrorBytes)});
    return {};
  });
  if (!changed) return changed.error();
  return state;
}

}  // namespace purser::alerts
