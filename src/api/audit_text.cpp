#include "audit_text.h"

#include "purser/audit/chain.h"

namespace purser::api {
namespace {

std::string csv_field(std::string_view text) {
  const bool is_formula =
      !text.empty() && std::string_view("=+-@\t\r\n").find(text.front()) != std::string_view::npos;
  std::string field = is_formula ? "'" : "";
  field += text;
  if (field.find_first_of("\",\r\n") == std::string::npos) return field;
  std::string quoted = "\"";
  for (const char c : field) {
    if (c == '"') quoted.push_back('"');
    quoted.push_back(c);
  }
  return quoted + "\"";
}

std::string actor_text(const Id& actor) { return actor.is_zero() ? "" : to_text("usr", actor); }

}  // namespace

std::string csv_heading() {
  return "sequence,at,actor,actor_name,action,target,from,to,reason,hash\r\n";
}

std::string csv_line(const store::Row& row) {
  std::string line = std::to_string(row.integer(0)) + "," + format_instant(row.instant(1)) + "," +
                     actor_text(row.id(2));
  for (int column = 3; column <= 8; ++column) line += "," + csv_field(row.text(column));
  return line + "," + audit::to_hex(row.bytes(9)) + "\r\n";
}

std::string json_line(const store::Row& row, const Id& workspace) {
  const json::object line{{"workspace", id_json("wsp", workspace)},
                          {"sequence", row.integer(0)},
                          {"at", instant_json(row.instant(1))},
                          {"actor", id_json("usr", row.id(2))},
                          {"actor_name", row.text(3)},
                          {"action", row.text(4)},
                          {"target", row.text(5)},
                          {"from", row.text(6)},
                          {"to", row.text(7)},
                          {"reason", row.text(8)},
                          {"hash", audit::to_hex(row.bytes(9))}};
  return json::serialize(line) + "\n";
}

}  // namespace purser::api
