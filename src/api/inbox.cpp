// What the holder of a key was told: the same messages that e-mail carries.
#include "handlers.h"
#include "page_cursor.h"

namespace purser::api {
namespace {

constexpr const char* kMessagePrefix = "msg";

json::value member_or_null(const json::value& from, std::string_view name) {
  const auto* object = from.if_object();
  const auto* value = object == nullptr ? nullptr : object->if_contains(name);
  return value == nullptr ? json::value(nullptr) : *value;
}

json::object item_json(const store::Row& row) {
  boost::system::error_code failed;
  const json::value body = json::parse(row.text(3), failed);
  std::optional<Instant> read;
  if (!row.is_null(4)) read = row.instant(4);
  return {{"id", id_json(kMessagePrefix, row.id(0))},
          {"at", instant_json(row.instant(1))},
          {"type", row.text(2)},
          {"severity", member_or_null(body, "severity")},
          {"title", member_or_null(body, "title")},
          {"paragraphs", member_or_null(body, "paragraphs")},
          {"facts", member_or_null(body, "facts")},
          {"breakdowns", member_or_null(body, "breakdowns")},
          {"read_at", instant_json(read)}};
}

}  // namespace

Result<Reply> list_inbox(Call& call) {
  const std::size_t limit = call.query.limit();
  const auto cursor = parse_time_cursor(kMessagePrefix, call.query.text("after"));
  const bool unread = call.query.flag("unread");
  if (auto query = call.query.finish(); !query) return query.error();
  if (!cursor) return cursor.error();
  return call.read([&](store::Sql& sql) -> Result<Reply> {
    json::array items;
    std::string next;
    sql.each(
        "SELECT i.message, i.made_at, m.type, m.body, i.read_at FROM inbox i JOIN messages m ON "
        "m.workspace = i.workspace AND m.id = i.message WHERE i.workspace = ?1 AND i.user = ?2 AND "
        "(i.made_at, i.message) < (?3, ?4) AND (?5 = 0 OR i.read_at IS NULL) ORDER BY i.made_at "
        "DESC, i.message DESC LIMIT ?6",
        {call.workspace(), call.who.user, cursor->nanoseconds, cursor->id, unread,
         static_cast<std::int64_t>(limit)},
        [&](const store::Row& row) {
          items.push_back(item_json(row));
          next = time_cursor(row.instant(1), kMessagePrefix, row.id(0));
        });
    if (items.size() < limit) next.clear();
    return page_reply(std::move(items), next);
  });
}

Result<Reply> get_inbox_message(Call& call) {
  if (auto query = call.query.finish(); !query) return query.error();
  const Error none{"unknown_message",
                   "You were told nothing with the id " + call.params[0].substr(0, 60) + "."};
  const auto id = parse_id(kMessagePrefix, call.params[0]);
  if (!id) return none;
  return call.read([&](store::Sql& sql) -> Result<Reply> {
    std::optional<json::object> found;
    sql.each(
        "SELECT i.message, i.made_at, m.type, m.body, i.read_at FROM inbox i JOIN messages m ON "
        "m.workspace = i.workspace AND m.id = i.message WHERE i.workspace = ?1 AND i.user = ?2 AND "
        "i.message = ?3",
        {call.workspace(), call.who.user, *id},
        [&](const store::Row& row) { found = item_json(row); });
    if (!found) return none;
    return Reply{std::move(*found)};
  });
}

// All that are unread, or those that are named. Nobody's decision, so not audited.
Result<Reply> read_inbox(Call& call) {
  if (auto query = call.query.finish(); !query) return query.error();
  Body body(call.body);
  const auto named = body.texts("messages");
  if (auto read = body.finish(); !read) return read.error();
  std::vector<Id> messages;
  for (const std::string& text : named.value_or(std::vector<std::string>{})) {
    const auto id = parse_id(kMessagePrefix, text);
    if (!id) return Error{"unknown_message", "There is no message " + text.substr(0, 60) + "."};
    messages.push_back(*id);
  }
  std::int64_t count = 0;
  auto changed = call.store().change([&](store::Change& change) -> Result<void> {
    const auto mark = [&](const std::optional<Id>& message) {
      count += change.sql().run(
          "UPDATE inbox SET read_at = ?3 WHERE workspace = ?1 AND user = ?2 AND read_at IS NULL "
          "AND "
          "(?4 IS NULL OR message = ?4)",
          {change.workspace(), call.who.user, change.now(), message});
    };
    if (!named) mark(std::nullopt);
    for (const Id& message : messages) mark(message);
    return {};
  });
  if (!changed) return changed.error();
  return Reply{json::object{{"read", count}}};
}

}  // namespace purser::api
