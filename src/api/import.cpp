// POST /api/v1/import: many people in one go. Each row is its own durable change, so that a bad one
// costs nobody else anything; a dry run makes each change and undoes it.
#include <set>

#include "csv.h"
#include "handlers.h"
#include "import_row.h"
#include "purser/identity/names.h"
#include "purser/identity/users.h"

namespace purser::api {
namespace {

struct ImportOptions {
  std::string csv;
  bool dry_run = false;
  bool make_keys = false;
};

// JSON {"csv", "dry_run", "make_keys", "reason"}, or the file itself with these in the query.
Result<ImportOptions> parse_options(Call& call) {
  ImportOptions options;
  options.dry_run = call.query.flag("dry_run");
  options.make_keys = call.query.flag("make_keys");
  if (auto query = call.query.finish(); !query) return query.error();
  if (!call.raw_body.starts_with('{')) {
    options.csv = call.raw_body;
    return options;
  }
  auto object = parse_object(call.raw_body);
  if (!object) return object.error();
  Body body(*object);
  options.csv = body.required_text("csv");
  options.dry_run = body.boolean("dry_run").value_or(options.dry_run);
  options.make_keys = body.boolean("make_keys").value_or(options.make_keys);
  call.by.reason = body.text("reason").value_or(call.by.reason).substr(0, 500);
  if (auto read = body.finish(); !read) return read.error();
  return options;
}

class Import {
 public:
  Import(Call& call, const ImportOptions& options) : call_(call), options_(options) {}

  json::object run_row(const ImportColumns& columns, const CsvRow& row) {
    const ImportRow person = ImportRow::parse(columns, row);
    json::object result{{"line", row.line}, {"email", person.email}, {"name", person.name}};
    if (row.fields.size() > columns.names.size()) {
      put_error(result, {"bad_csv", "This row has more fields than the first line has columns."});
    } else if (row.fields.size() < columns.names.size()) {
      put_error(result, {"bad_csv", "This row has " + std::to_string(row.fields.size()) +
                                        " of the " + std::to_string(columns.names.size()) +
                                        " fields that the first line names. Leave a field empty "
                                        "between its commas, but do not leave it out."});
    } else if (!seen_.insert(identity::folded(person.email)).second && !person.email.empty()) {
      put_error(result, {"duplicate_row", "This e-mail stands in an earlier row already."});
    } else if (exists(person.email)) {
      result["result"] = "exists";
      ++exist_;
    } else {
      add(person, result);
    }
    return result;
  }

  json::object summary(json::array rows) const {
    return {{"dry_run", options_.dry_run},
            {"added", added_},
            {"exist", exist_},
            {"failed", failed_},
            {"rows", std::move(rows)}};
  }

 private:
  void put_error(json::object& result, const Error& error) {
    result["result"] = "error";
    result["error"] = {{"code", error.code}, {"message", error.message}};
    ++failed_;
  }

  bool exists(const std::string& email) const {
    bool found = false;
    call_.store().read([&](store::Sql& sql) {
      sql.each("SELECT 1 FROM users WHERE workspace = ?1 AND kind = 0 AND handle = ?2",
               {call_.workspace(), identity::folded(email)},
               [&](const store::Row&) { found = true; });
    });
    return found;
  }

  void add(const ImportRow& person, json::object& result) {
    ImportedPerson made;
    bool went_through = false;
    auto changed = call_.store().change([&](store::Change& change) -> Result<void> {
      auto imported = import_row(change, call_, person, options_.make_keys);
      if (!imported) return imported.error();
      made = *imported;
      went_through = true;
      if (options_.dry_run) return Error{"dry_run", "A dry run changes nothing."};
      return {};
    });
    const bool undone = options_.dry_run && went_through && changed.error().code == "dry_run";
    if (!changed && !undone) {
      put_error(result, changed.error());
      return;
    }
    result["result"] = "added";
    ++added_;
    if (options_.dry_run) return;
    result["user"] = id_json(identity::kUserPrefix, made.user);
    if (!made.key.empty()) result["key"] = made.key;
  }

  Call& call_;
  const ImportOptions& options_;
  std::set<std::string> seen_;
  std::size_t added_ = 0, exist_ = 0, failed_ = 0;
};

}  // namespace

Result<Reply> import_people(Call& call) {
  auto options = parse_options(call);
  if (!options) return options.error();
  if (call.by.reason.empty()) call.by.reason = "import of people";
  const auto rows = parse_csv(options->csv);
  if (!rows) return rows.error();
  if (rows->empty())
    return Error{"bad_csv", "The file is empty: its first line names the columns."};
  const auto columns = ImportColumns::parse(rows->front());
  if (!columns) return columns.error();
  Import import(call, *options);
  json::array results;
  for (std::size_t i = 1; i < rows->size(); ++i)
    results.push_back(import.run_row(*columns, (*rows)[i]));
  return Reply{import.summary(std::move(results))};
}

}  // namespace purser::api
