// What the query planner believes of our tables.
#pragma once

#include "connection.h"

namespace purser::store {

// Writes the same statistics into every file, whatever is in it: `workspace` tells nothing, and
// what an index has beside it much. Without them SQLite takes ten rows to be of one workspace, and
// reads whole tables where an index leads to one row; with those of a small file (ANALYZE)
// likewise. So plans are the same in every file, and are looked at once: store_files_test. Within a
// transaction. Source of the format: sqlite.org/fileformat2.html, "The sqlite_stat1 Table".
void pin_statistics(Connection& connection);

}  // namespace purser::store
