#include "stored_event.h"

#include <algorithm>

namespace purser::alerts {
namespace {

StoredEvent read(const store::Row& row) {
  StoredEvent event;
  event.id = row.id(0);
  event.kind = static_cast<store::EventKind>(row.integer(1));
  event.cap = row.id(2);
  event.cycle_start = row.instant(3);
  event.percent = static_cast<int>(row.integer(4));
  event.subject = row.id(5);
  boost::system::error_code failed;
  const auto body = boost::json::parse(row.text(6), failed);
  if (!failed && body.is_object()) event.body = body.get_object();
  event.made_at = row.instant(7);
  event.sequence = static_cast<std::uint64_t>(row.integer(8));
  event.scope = {static_cast<ledger::ScopeKind>(row.integer(9)), row.id(10)};
  return event;
}

bool belong_together(const StoredEvent& a, const StoredEvent& b) {
  return a.kind == store::EventKind::threshold && b.kind == a.kind && a.sequence == b.sequence &&
         a.cap == b.cap;
}

}  // namespace

std::string StoredEvent::text(std::string_view member) const {
  const auto* value = body.if_contains(member);
  return value != nullptr && value->is_string() ? std::string(value->get_string()) : std::string();
}

Nanos StoredEvent::usd(std::string_view member) const {
  const auto amount = parse_usd(text(member));
  return amount ? *amount : Nanos{};
}

bool StoredEvent::flag(std::string_view member) const {
  const auto* value = body.if_contains(member);
  return value != nullptr && value->is_bool() && value->get_bool();
}

std::vector<std::vector<StoredEvent>> unplanned_events(store::Sql& sql, const Id& workspace,
                                                       std::size_t limit) {
  std::vector<StoredEvent> events;
  // A command's events are at most some hundred: whole commands are read, the last with all of its.
  sql.each(
      "SELECT id, kind, cap, cycle_start, percent, subject, body, made_at, sequence, scope_kind, "
      "scope_id FROM outbox WHERE workspace = ?1 AND planned_at IS NULL AND sequence <= (SELECT "
      "MAX(sequence) FROM (SELECT sequence FROM outbox WHERE workspace = ?1 AND planned_at IS NULL "
      "ORDER BY sequence LIMIT ?2)) ORDER BY sequence",
      {workspace, static_cast<std::int64_t>(limit)},
      [&](const store::Row& row) { events.push_back(read(row)); });
  std::sort(events.begin(), events.end(), [](const StoredEvent& a, const StoredEvent& b) {
    return std::tuple(a.sequence, a.kind, a.cap, -a.percent) <
           std::tuple(b.sequence, b.kind, b.cap, -b.percent);
  });
  std::vector<std::vector<StoredEvent>> groups;
  for (StoredEvent& event : events) {
    if (groups.empty() || !belong_together(groups.back().front(), event)) groups.emplace_back();
    groups.back().push_back(std::move(event));
  }
  return groups;
}

}  // namespace purser::alerts
