// One person of an import, as the row has it and as the store takes it.
#pragma once

#include "call.h"
#include "csv.h"

namespace purser::api {

// Which column is which; from the header line, in any order, upper or lower case.
struct ImportColumns {
  static Result<ImportColumns> parse(const CsvRow& header);
  std::string get(const CsvRow& row, std::string_view column) const;
  bool has(std::string_view column) const;

  std::vector<std::string> names;
};

struct ImportRow {
  std::string name, email, team, role, template_name, cap_usd, project, label;
  static ImportRow parse(const ImportColumns& columns, const CsvRow& row);
};

struct ImportedPerson {
  Id user;
  std::string key;  // where keys were asked for and the row names a team
};

// Makes the user with caps, membership and (where asked) a `use` key. Errors: those of identity.
Result<ImportedPerson> import_row(store::Change& change, const Call& call, const ImportRow& row,
                                  bool make_key);

}  // namespace purser::api
