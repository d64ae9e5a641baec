#include "handlers.h"
#include "purser/identity/users.h"
#include "times.h"

namespace purser::api {
namespace {

constexpr std::string_view kHex = "0123456789abcdef";

std::string hex(std::span<const std::uint8_t> bytes) {
  std::string out;
  for (const auto byte : bytes) {
    out.push_back(kHex[byte >> 4]);
    out.push_back(kHex[byte & 15]);
  }
  return out;
}

json::object entry_json(const store::Row& row) {
  return {{"sequence", row.integer(0)},
          {"at", instant_json(row.instant(1))},
          {"actor", id_json("usr", row.id(2))},
          {"actor_name", row.text(3)},
          {"action", row.text(4)},
          {"target", row.text(5)},
          {"from", embedded_json(row.text(6))},
          {"to", embedded_json(row.text(7))},
          {"reason", text_or_null(row.text(8))},
          {"hash", hex(row.bytes(9))}};
}

Result<std::int64_t> parse_sequence(std::string_view text) {
  if (text.empty()) return INT64_MAX;
  std::int64_t number = 0;
  for (const char c : text) {
    if (c < '0' || c > '9' || text.size() > 18)
      return Error{"bad_query", "\"after\" is the \"next\" of the page before."};
    number = number * 10 + (c - '0');
  }
  return number;
}

}  // namespace

// The newest first: "after" goes back in time.
Result<Reply> list_audit(Call& call) {
  const std::size_t limit = call.query.limit();
  const auto before = parse_sequence(call.query.text("after"));
  const std::string actor = call.query.text("actor");
  const std::string action = call.query.text("action");
  const std::string target = call.query.text("target");
  const std::string from = call.query.text("from");
  const std::string to = call.query.text("to");
  if (auto query = call.query.finish(); !query) return query.error();
  if (!before) return before.error();
  const auto calendar = call.store().calendar();
  const auto since = from.empty() ? Result<Instant>(Instant::min()) : parse_time(from, *calendar);
  if (!since) return since.error();
  const auto until = to.empty() ? Result<Instant>(Instant::max()) : parse_time(to, *calendar);
  if (!until) return until.error();
  return call.read([&](store::Sql& sql) -> Result<Reply> {
    store::Param actor_id = nullptr;
    Id found_actor;
    if (!actor.empty()) {
      const auto user = identity::find_user(sql, call.workspace(), actor);
      if (!user) return user.error();
      found_actor = user->id;
      actor_id = found_actor;
    }
    json::array items;
    std::string next;
    // An action or a target may be given by its beginning: "cap." or "user/".
    sql.each(
        "SELECT sequence, at, actor, actor_name, action, target, from_value, to_value, reason, "
        "hash FROM audit WHERE workspace = ?1 AND sequence < ?2 AND at >= ?3 AND at < ?4 AND (?5 "
        "IS NULL OR actor = ?5) AND substr(action, 1, length(?6)) = ?6 AND substr(target, 1, "
        "length(?7)) = ?7 ORDER BY sequence DESC LIMIT ?8",
        {call.workspace(), *before, *since, *until, actor_id, action, target,
         static_cast<std::int64_t>(limit)},
        [&](const store::Row& row) {
          items.push_back(entry_json(row));
          next = std::to_string(row.integer(0));
        });
    if (items.size() < limit) next.clear();
    return page_reply(std::move(items), next);
  });
}

}  // namespace purser::api
