#include "statistics.h"

#include <algorithm>
#include <array>

namespace purser::store {
namespace {

constexpr std::int64_t kRows = 1'000'000;
constexpr std::int64_t kRowsOfPartial = 100'000;  // an index with a WHERE
constexpr std::int64_t kRowsOfOne = 10;           // of one user, cap, task, …

constexpr std::array<std::string_view, 8> kOfFewValues = {
    "kind", "scope_kind", "period", "enforcement", "state", "percent", "role", "provider"};

struct Index {
  std::string table, name;
  bool is_unique = false, is_partial = false;
  std::vector<std::string> columns;
};

std::vector<Index> all_indexes(Connection& connection) {
  std::vector<Index> found;
  // The primary key of a table without rowids goes by the table's name.
  connection.each(
      "SELECT t.name, CASE WHEN i.origin = 'pk' AND t.wr THEN t.name ELSE i.name END, "
      "i.\"unique\", i.partial, c.name FROM pragma_table_list t, pragma_index_list(t.name) i, "
      "pragma_index_info(i.name) c WHERE t.schema = 'main' AND t.type = 'table' ORDER BY t.name, "
      "i.seq, c.seqno",
      {}, [&](const Row& row) {
        const std::string table(row.text(0)), name(row.text(1));
        if (found.empty() || found.back().table != table || found.back().name != name)
          found.push_back({table, name, row.boolean(2), row.boolean(3), {}});
        found.back().columns.emplace_back(row.text(4));
      });
  return found;
}

// "1000000 1000000 10": rows in all, then how many have the first column alike, the first two, …
std::string statistics_of(const Index& index) {
  std::int64_t rows = index.is_partial ? kRowsOfPartial : kRows;
  std::string text = std::to_string(rows);
  for (std::size_t i = 0; i < index.columns.size(); ++i) {
    const std::string& column = index.columns[i];
    if (index.is_unique && i + 1 == index.columns.size())
      rows = 1;
    else if (std::ranges::count(kOfFewValues, column) > 0)
      rows = std::max<std::int64_t>(1, rows / 10);
    else if (column != "workspace")
      rows = std::min(rows, kRowsOfOne);
    text += " " + std::to_string(rows);
  }
  return text;
}

}  // namespace

void pin_statistics(Connection& connection) {
  connection.execute("ANALYZE progress");  // makes sqlite_stat1, which CREATE TABLE may not
  connection.execute("DELETE FROM sqlite_stat1");
  for (const Index& index : all_indexes(connection)) {
    if (index.table.starts_with("sqlite_")) continue;
    connection.run("INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES (?1, ?2, ?3)",
                   {index.table, index.name, statistics_of(index)});
  }
  connection.execute("ANALYZE sqlite_schema");  // reads them
}

}  // namespace purser::store
