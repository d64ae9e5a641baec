#include "audit_filter.h"
#include "audit_text.h"
#include "audit_words.h"
#include "handlers.h"
#include "page_cursor.h"
#include "purser/store/audit_trail.h"

namespace purser::api {
namespace {

constexpr std::size_t kMostSequenceDigits = 18;

json::object entry_json(store::Sql& sql, const Id& workspace, const store::Row& row) {
  const json::value from = embedded_json(row.text(6)), to = embedded_json(row.text(7));
  return {{"sequence", row.integer(0)},
          {"at", instant_json(row.instant(1))},
          {"actor", id_json("usr", row.id(2))},
          {"actor_name", row.text(3)},
          {"action", row.text(4)},
          {"target", row.text(5)},
          {"subject", audit_subject(sql, workspace, row.text(5))},
          {"change", audit_change(from, to)},
          {"from", from},
          {"to", to},
          {"reason", text_or_null(row.text(8))},
          {"hash", audit::to_hex(row.bytes(9))}};
}

struct Slice {
  const char* comparison;
  std::int64_t sequence;
  const char* order;
  std::size_t limit;
};

void each_entry(store::Sql& sql, const AuditFilter& filter, const Slice& slice,
                const std::function<void(const store::Row&)>& take) {
  std::vector<store::Param> params = filter.params();
  params.emplace_back(slice.sequence);
  const std::string sequence = std::to_string(params.size());
  params.emplace_back(static_cast<std::int64_t>(slice.limit));
  const std::string limit = std::to_string(params.size());
  sql.each(
      "SELECT sequence, at, actor, actor_name, action, target, from_value, to_value, reason, hash "
      "FROM audit WHERE workspace = ?1" +
          filter.condition() + slice.comparison + "?" + sequence + " ORDER BY sequence " +
          slice.order + " LIMIT ?" + limit,
      params, take);
}

}  // namespace

// The newest first: "after" goes back in time.
Result<Reply> list_audit(Call& call) {
  const std::size_t limit = call.query.limit();
  const auto before = parse_number_cursor(call.query.text("after"), INT64_MAX, kMostSequenceDigits);
  AuditFilter filter(call.query);
  if (auto query = call.query.finish(); !query) return query.error();
  if (!before) return before.error();
  return call.read([&](store::Sql& sql) -> Result<Reply> {
    if (auto resolved = filter.resolve(call, sql); !resolved) return resolved.error();
    json::array items;
    std::string next;
    each_entry(sql, filter, {" AND sequence < ", *before, "DESC", limit},
               [&](const store::Row& row) {
                 items.push_back(entry_json(sql, call.workspace(), row));
                 next = std::to_string(row.integer(0));
               });
    if (items.size() < limit) next.clear();
    return page_reply(std::move(items), next);
  });
}

// The oldest first, as the chain goes, in pieces of kMostExported.
Result<Reply> export_audit(Call& call) {
  const std::string format = call.query.text("format");
  const std::string after_text = call.query.text("after");
  const auto after = parse_number_cursor(after_text, 0, kMostSequenceDigits);
  AuditFilter filter(call.query);
  if (auto query = call.query.finish(); !query) return query.error();
  if (!after) return after.error();
  if (!format.empty() && format != "csv" && format != "jsonl")
    return Error{"bad_query", "\"format\" is csv or jsonl."};
  const bool as_csv = format == "csv";
  return call.read([&](store::Sql& sql) -> Result<Reply> {
    if (auto resolved = filter.resolve(call, sql); !resolved) return resolved.error();
    Reply reply;
    reply.content_type = as_csv ? "text/csv; charset=utf-8" : "application/x-ndjson";
    if (as_csv && after_text.empty()) reply.text = csv_heading();
    std::size_t count = 0;
    std::string next;
    each_entry(sql, filter, {" AND sequence > ", *after, "ASC", kMostExported},
               [&](const store::Row& row) {
                 reply.text += as_csv ? csv_line(row) : json_line(row, call.workspace());
                 next = std::to_string(row.integer(0));
                 ++count;
               });
    if (count == kMostExported) reply.fields.emplace_back("X-Purser-Next", next);
    reply.fields.emplace_back("Content-Disposition", std::string("attachment; filename=\"audit.") +
                                                         (as_csv ? "csv\"" : "jsonl\""));
    return reply;
  });
}

Result<Reply> get_audit_head(Call& call) {
  if (auto query = call.query.finish(); !query) return query.error();
  return call.read([&](store::Sql& sql) -> Result<Reply> {
    const audit::Head head = store::read_audit_head(sql, call.workspace());
    return Reply{json::object{{"sequence", head.sequence},
                              {"at", instant_json(head.at)},
                              {"hash", audit::to_hex(head.hash)},
                              {"line", audit::to_text(head)}}};
  });
}

}  // namespace purser::api
